// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/replica_facts.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "kernel/drbd_words.hpp"

namespace san::cluster {

namespace {

struct Pair {
    std::string own, peer;
};

Pair split(std::string_view word) {
    const auto slash = word.find('/');
    if (slash == std::string_view::npos) return {std::string{word}, {}};
    return {std::string{word.substr(0, slash)}, std::string{word.substr(slash + 1)}};
}

/// What follows a key such as "ro:" among the words of a line.
std::string after(const std::vector<std::string>& words, std::string_view key) {
    for (const auto& word : words)
        if (word.starts_with(key)) return word.substr(key.size());
    return {};
}

struct Line {
    unsigned minor = 0;
    Pair roles, disks;
};

/// " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----", or, of a minor without a
/// disk and a peer, " 0: cs:Unconfigured" (drbd_proc.c, 8.4.11).
std::optional<Line> parse_line(std::string_view line) {
    const auto words = text::words(line);
    if (words.size() < 2 || !words[0].ends_with(':') || !words[1].starts_with("cs:")) return {};
    const auto minor = text::number<unsigned>(words[0].substr(0, words[0].size() - 1));
    if (!minor) return {};
    return Line{*minor, split(after(words, "ro:")), split(after(words, "ds:"))};
}

void add_word(std::string& words, const std::string& word) {
    words += (words.empty() ? "" : " ") + word;
}

}  // namespace

Replica_facts facts_of_8(std::string_view proc_drbd, const std::vector<unsigned>& minors) {
    Replica_facts facts;
    auto& disks = facts.disks;
    // What no line says anything about is not good.
    std::size_t seen = 0, own_good = 0, own_consistent = 0, peer_good = 0;
    while (!proc_drbd.empty()) {
        const auto end = std::min(proc_drbd.find('\n'), proc_drbd.size());
        const auto line = parse_line(proc_drbd.substr(0, end));
        proc_drbd.remove_prefix(std::min(end + 1, proc_drbd.size()));
        if (!line || std::find(minors.begin(), minors.end(), line->minor) == minors.end()) continue;
        add_word(disks.words, line->disks.own.empty() ? "Unconfigured" : line->disks.own);
        if (line->disks.own.empty()) continue;
        ++seen;
        disks.primary |= line->roles.own == "Primary";
        own_good += line->disks.own == "UpToDate";
        own_consistent += line->disks.own == "UpToDate" || line->disks.own == "Consistent";
        peer_good += line->disks.peer == "UpToDate";
    }
    if (disks.words.empty()) disks.words = "not configured";
    disks.configured = seen > 0;
    disks.up_to_date = seen > 0 && own_good == minors.size();
    disks.consistent = seen > 0 && own_consistent == minors.size();
    disks.peers_up_to_date = seen > 0 && peer_good == minors.size();
    return facts;
}

Replica_facts facts_of_9(const std::optional<drbd::Resource>& resource) {
    Replica_facts facts;
    facts.nine = true;
    auto& disks = facts.disks;
    if (!resource || resource->volumes.empty()) {
        disks.words = "not configured";
        return facts;
    }
    disks.configured = disks.up_to_date = disks.consistent = true;
    disks.primary = resource->role == drbd::Role::primary;
    for (const auto& volume : resource->volumes) {
        // Diskless on purpose: its data is the peers', and says nothing about ours.
        add_word(disks.words, volume.client ? "DisklessClient" : drbd::word(volume.disk));
        if (volume.client) continue;
        disks.up_to_date &= volume.disk == drbd::Disk::up_to_date;
        disks.consistent &=
            volume.disk == drbd::Disk::up_to_date || volume.disk == drbd::Disk::consistent;
    }
    disks.peers_up_to_date = false;
    for (const auto& peer : resource->peers) {
        const auto every = [&](const auto& holds) {
            return peer.volumes.size() == resource->volumes.size() &&
                   std::all_of(peer.volumes.begin(), peer.volumes.end(), holds);
        };
        if (every([](const auto& volume) { return volume.client; })) continue;
        const bool good =
            every([](const auto& volume) { return volume.disk == drbd::Disk::up_to_date; });
        disks.peers_up_to_date = good && (facts.peers.empty() || disks.peers_up_to_date);
        facts.peers.push_back({static_cast<unsigned>(peer.node_id), peer.name, good});
    }
    return facts;
}

Replica_facts observe_replica(const std::string& resource, const std::vector<unsigned>& minors,
                              const Files& files, drbd::Kernel& kernel) {
    const auto proc = files.find("proc/drbd");
    if (proc && proc->starts_with("version: 8.") && !minors.empty())
        return facts_of_8(*proc, minors);
    auto facts = facts_of_9(kernel.find(resource));
    if (proc && proc->starts_with("version: 8.")) {
        // One peer, and no name for it.
        facts.nine = false;
        facts.peers.clear();
    }
    return facts;
}

}  // namespace san::cluster
