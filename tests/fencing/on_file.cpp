// SPDX-License-Identifier: GPL-2.0-or-later
// san-fence-peer as it is, on a node that a test has made: a file for the CIB (CIB_file, through
// libcib), another root for /proc, DRBD 9 in the words of drbdsetup events2, and controllers of
// which the test says who answers.
//
//     on_file NAME ROOT HOST ANSWERS QUORUM [ARGUMENT...]
//
// ROOT has proc/drbd, or events2; ANSWERS is a list of nodes, separated by commas.
#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "cluster/fence_program.hpp"
#include "kernel/drbd_words.hpp"
#include "support/fake_drbd.hpp"

namespace {

using namespace san;

class Told final : public cluster::Cluster {
public:
    Told(cluster::Cluster& real, std::vector<std::string> answering, bool quorum)
        : real_{real}, answering_{std::move(answering)}, quorum_{quorum} {}

    std::string query(cluster::Span allowed) override { return real_.query(allowed); }
    bool change(const cluster::Edit& edit, cluster::Span allowed) override {
        return real_.change(edit, allowed);
    }
    void wait(cluster::Span allowed) override { real_.wait(allowed); }
    std::optional<cluster::Self> find_self(cluster::Span) override {
        return cluster::Self{.name = {}, .has_quorum = quorum_};
    }
    bool answers(const std::string& node, cluster::Span) override {
        return node.empty() ||
               std::find(answering_.begin(), answering_.end(), node) != answering_.end();
    }

private:
    cluster::Cluster& real_;
    std::vector<std::string> answering_;
    bool quorum_;
};

std::string value(const std::vector<std::string>& words, const std::string& key) {
    for (const auto& word : words)
        if (word.starts_with(key + ":")) return word.substr(key.size() + 1);
    return {};
}

drbd::Disk disk(const std::string& word) {
    using enum drbd::Disk;
    for (const auto each : {diskless, attaching, detaching, failed, negotiating, inconsistent,
                            outdated, unknown, consistent, up_to_date})
        if (word == drbd::word(each)) return each;
    std::abort();
}

unsigned number(const std::string& word) { return text::number<unsigned>(word).value(); }

std::optional<drbd::Resource> resource_of(const std::string& events) {
    std::optional<drbd::Resource> found;
    std::string rest = events;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.erase(0, line.size() + 1);
        const auto words = text::words(line);
        if (words.size() < 3 || words[0] != "exists") continue;
        const auto yes = [&](const char* key) { return value(words, key) == "yes"; };
        if (words[1] == "resource") {
            found.emplace();
            found->name = value(words, "name");
            found->role =
                value(words, "role") == "Primary" ? drbd::Role::primary : drbd::Role::secondary;
        } else if (words[1] == "connection") {
            drbd::Peer peer;
            peer.node_id = static_cast<int>(number(value(words, "peer-node-id")));
            peer.name = value(words, "conn-name");
            found->peers.push_back(peer);
        } else if (words[1] == "device") {
            drbd::Volume volume;
            volume.number = number(value(words, "volume"));
            volume.disk = disk(value(words, "disk"));
            volume.client = yes("client");
            found->volumes.push_back(volume);
        } else if (words[1] == "peer-device") {
            drbd::Peer_volume volume;
            volume.volume = number(value(words, "volume"));
            volume.disk = disk(value(words, "peer-disk"));
            volume.client = yes("peer-client");
            for (auto& peer : found->peers)
                if (std::to_string(peer.node_id) == value(words, "peer-node-id"))
                    peer.volumes.push_back(volume);
        }
    }
    return found;
}

}  // namespace

int main(int count, char** given) {
    if (count < 6) return 2;
    Programs programs;
    const Files files{given[2]};
    test::Fake_drbd kernel;
    kernel.module_loaded = true;
    if (const auto events = files.find("events2"))
        if (const auto resource = resource_of(*events))
            kernel.resources[resource->name] = *resource;
    std::string answering{given[4]};
    std::replace(answering.begin(), answering.end(), ',', ' ');
    const bool by_tools = std::getenv("FENCE_BY_TOOLS");
    const auto real =
        by_tools ? cluster::make_cluster_of_programs(programs) : cluster::make_cluster(programs);
    Told told{*real, text::words(answering), std::string{given[5]} == "1"};
    return cluster::run_fence_program(given[1], {given + 6, given + count},
                                      {.host = given[3],
                                       .cluster = told,
                                       .files = files,
                                       .kernel = kernel,
                                       .commands = programs,
                                       .environment = own_variables(),
                                       .at_terminal = std::getenv("FENCE_AT_TERMINAL") != nullptr});
}
