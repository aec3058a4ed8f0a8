// SPDX-License-Identifier: GPL-2.0-or-later
// Reads every member of what was decoded, and what has to hold of any kernel's words.
#pragma once

#include <algorithm>
#include <set>

#include "fuzz/fuzz.hpp"
#include "kernel/drbd.hpp"
#include "kernel/drbd_words.hpp"

namespace san::fuzz {

template <class Parts, class Name>
void require_distinct(const Parts& parts, const Name& name, const char* what) {
    std::set<decltype(name(parts.front()))> names;
    for (const auto& part : parts) require(names.insert(name(part)).second, what);
}

inline void read_all(const std::vector<drbd::Resource>& resources) {
    std::size_t letters = 0;
    const auto read = [&](const std::string& word) { letters += word.size(); };
    require_distinct(
        resources, [](const auto& one) { return one.name; }, "a resource twice");
    for (const auto& resource : resources) {
        read(drbd::word(resource.role));
        require(resource.suspended == resource.suspension.any(), "suspended for no reason");
        require_distinct(
            resource.volumes, [](const auto& one) { return one.number; }, "a volume twice");
        require_distinct(
            resource.peers, [](const auto& one) { return one.node_id; }, "a peer twice");
        for (const auto& volume : resource.volumes) {
            read(drbd::word(volume.disk));
            read(volume.backing);
        }
        for (const auto& peer : resource.peers) {
            read(drbd::word(peer.connection));
            require_distinct(
                peer.volumes, [](const auto& one) { return one.volume; }, "a peer's volume twice");
            for (const auto& volume : peer.volumes) read(volume.replication);
            for (const auto& path : peer.paths) read(path.local.to_text() + path.peer.to_text());
        }
    }
    require(resources.empty() || letters > 0, "resources without a word");
}

}  // namespace san::fuzz
