// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's state in the lines of `drbdsetup events2`: ours, and the captured ones.
#pragma once

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "kernel/drbd_words.hpp"
#include "unit/kernel/capture.hpp"

namespace san::test {

using Lines = std::vector<std::string>;

/// "no", or the reasons with commas between.
inline std::string reasons(const std::vector<std::pair<bool, const char*>>& all) {
    std::string text;
    for (const auto& [is, word] : all)
        if (is) text += (text.empty() ? "" : ",") + std::string{word};
    return text.empty() ? "no" : text;
}

inline std::string yes(bool value) { return value ? "yes" : "no"; }

inline void tell_peer(Lines& lines, const std::string& name, const drbd::Peer& peer, bool v9) {
    const auto conn_name = v9 ? peer.name : peer.paths.empty() ? std::string{} : "peer";
    const auto which = name + " peer-node-id:" + std::to_string(peer.node_id) +
                       (conn_name.empty() ? "" : " conn-name:" + conn_name);
    lines.push_back("connection" + which + " connection:" + drbd::word(peer.connection) +
                    " role:" + drbd::word(peer.role));
    for (const auto& volume : peer.volumes)
        lines.push_back("peer-device" + which + " volume:" + std::to_string(volume.volume) +
                        " replication:" + volume.replication +
                        " peer-disk:" + drbd::word(volume.disk) +
                        (v9 ? " peer-client:" + yes(volume.client) : "") + " resync-suspended:" +
                        reasons({{volume.pause.user, "user"},
                                 {volume.pause.peer, "peer"},
                                 {volume.pause.dependency, "dependency"},
                                 {volume.pause.max_parallel, "max-parallel"}}));
    // The tool of 8.4 does not tell of paths.
    for (const auto& path : peer.paths)
        if (v9)
            lines.push_back("path" + which + " local:" + path.local.to_text() + " peer:" +
                            path.peer.to_text() + " established:" + yes(path.established));
}

/// As `drbdsetup events2 --now` would tell it, in alphabetical order.
inline Lines told(const std::vector<drbd::Resource>& resources, drbd::Dialect dialect) {
    const bool v9 = dialect == drbd::Dialect::v9;
    Lines lines;
    for (const auto& resource : resources) {
        const auto& why = resource.suspension;
        const auto name = " name:" + resource.name;
        lines.push_back("resource" + name + " role:" + drbd::word(resource.role) + " suspended:" +
                        reasons({{why.user, "user"},
                                 {why.no_data, "no-data"},
                                 {why.fencing, "fencing"},
                                 {why.quorum, "quorum"}}) +
                        (v9 ? " force-io-failures:" + yes(resource.failing_io) : ""));
        for (const auto& volume : resource.volumes) {
            auto line = "device" + name + " volume:" + std::to_string(volume.number) +
                        " minor:" + std::to_string(volume.minor);
            if (v9) line += " backing_dev:" + (volume.backing.empty() ? "none" : volume.backing);
            line += std::string{" disk:"} + drbd::word(volume.disk);
            if (v9) line += " client:" + yes(volume.client) + " quorum:" + yes(volume.has_quorum);
            lines.push_back(line);
        }
        for (const auto& peer : resource.peers) tell_peer(lines, name, peer, v9);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// What drbdsetup told, without what it computes itself.
inline Lines told(const Capture& capture) {
    static const std::regex computed{" (done|may_promote|promotion_score):[^ ]*"};
    Lines lines;
    for (const auto& line : capture.remarks_after("events2: exists "))
        if (line != "-") lines.push_back(std::regex_replace(line, computed, ""));
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// The objects of a state, the parts in one order.
inline std::vector<drbd::Resource> in_order(std::vector<drbd::Resource> resources) {
    std::sort(resources.begin(), resources.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (auto& resource : resources) {
        std::sort(resource.volumes.begin(), resource.volumes.end(),
                  [](const auto& a, const auto& b) { return a.number < b.number; });
        std::sort(resource.peers.begin(), resource.peers.end(),
                  [](const auto& a, const auto& b) { return a.node_id < b.node_id; });
        for (auto& peer : resource.peers) {
            std::sort(peer.volumes.begin(), peer.volumes.end(),
                      [](const auto& a, const auto& b) { return a.volume < b.volume; });
            std::sort(peer.paths.begin(), peer.paths.end(),
                      [](const auto& a, const auto& b) { return a.local.bytes < b.local.bytes; });
        }
    }
    return resources;
}

}  // namespace san::test
