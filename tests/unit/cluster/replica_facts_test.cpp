// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/replica_facts.hpp"

#include "support/catch.hpp"

using namespace san;
using cluster::Disks;

namespace {

std::string shown(const Disks& disks) {
    std::string out = disks.words + ":";
    if (disks.configured) out += " configured";
    if (disks.primary) out += " primary";
    if (disks.up_to_date) out += " up-to-date";
    if (disks.consistent) out += " consistent";
    if (disks.peers_up_to_date) out += " peers-up-to-date";
    return out;
}

std::string of_8(const std::string& lines, const std::vector<unsigned>& minors) {
    const auto text =
        "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: FC3433D849E3B88C1E7B55C \n" + lines;
    return shown(cluster::facts_of_8(text, minors).disks);
}

const std::string counters =
    "    ns:0 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0\n";

drbd::Resource resource(std::vector<drbd::Volume> volumes, std::vector<drbd::Peer> peers) {
    return {.name = "r0",
            .role = drbd::Role::primary,
            .volumes = std::move(volumes),
            .peers = std::move(peers)};
}

drbd::Peer peer(int id, const std::string& name, std::vector<drbd::Peer_volume> volumes) {
    return {.node_id = id, .name = name, .volumes = std::move(volumes)};
}

constexpr auto good = drbd::Disk::up_to_date;
constexpr auto unknown = drbd::Disk::unknown;

}  // namespace

TEST_CASE("replica facts: one line of /proc/drbd for each minor") {
    CHECK(of_8(" 0: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----\n" + counters,
               {0}) == "UpToDate: configured primary up-to-date consistent");
    CHECK(of_8(" 0: cs:Connected ro:Secondary/Primary ds:Consistent/UpToDate C r-----\n" + counters,
               {0}) == "Consistent: configured consistent peers-up-to-date");
    CHECK(of_8(" 0: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----\n" + counters +
                   "12: cs:WFConnection ro:Primary/Unknown ds:Consistent/DUnknown C r-----\n" +
                   counters,
               {0, 12}) == "UpToDate Consistent: configured primary consistent");
}

TEST_CASE("replica facts: what /proc/drbd does not say is not good") {
    CHECK(of_8("", {0}) == "not configured:");
    CHECK(of_8(" 0: cs:Unconfigured\n", {0}) == "Unconfigured:");
    const auto one = " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n";
    CHECK(of_8(one, {0, 1}) == "UpToDate: configured primary");
    CHECK(of_8(one, {1}) == "not configured:");
    // A number that begins alike is another device.
    CHECK(of_8("10: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----", {1}) ==
          "not configured:");
    CHECK(of_8(" 0: cs:Connected ro:Primary/Secondary ds:UpToDate", {0}) ==
          "UpToDate: configured primary up-to-date consistent");
}

TEST_CASE("replica facts: on 9 all volumes count, of all peers with disks") {
    const auto facts = cluster::facts_of_9(resource(
        {{.number = 0, .disk = good}, {.number = 1, .disk = drbd::Disk::consistent}},
        {peer(1, "bob", {{.volume = 0, .disk = good}, {.volume = 1, .disk = good}}),
         peer(2, "carol", {{.volume = 0, .disk = good}, {.volume = 1, .disk = unknown}})}));
    CHECK(shown(facts.disks) == "UpToDate Consistent: configured primary consistent");
    REQUIRE(facts.peers.size() == 2);
    CHECK((facts.peers[0].host == "bob" && facts.peers[0].node_id == 1 && facts.peers[0].good));
    CHECK((facts.peers[1].host == "carol" && !facts.peers[1].good));
}

TEST_CASE("replica facts: whoever is diskless on purpose has no say") {
    const auto own = cluster::facts_of_9(resource({{.disk = drbd::Disk::diskless, .client = true}},
                                                  {peer(1, "bob", {{.disk = good}})}));
    CHECK(shown(own.disks) ==
          "DisklessClient: configured primary up-to-date consistent peers-up-to-date");
    const auto theirs = cluster::facts_of_9(resource(
        {{.disk = good}}, {peer(1, "bob", {{.disk = good}}),
                           peer(2, "carol", {{.disk = drbd::Disk::diskless, .client = true}})}));
    CHECK(theirs.disks.peers_up_to_date);
    // Diskless for another reason is not.
    CHECK_FALSE(
        cluster::facts_of_9(resource({{.disk = drbd::Disk::diskless}}, {})).disks.consistent);
    CHECK_FALSE(
        cluster::facts_of_9(resource({{.disk = drbd::Disk::negotiating}}, {})).disks.consistent);
}

TEST_CASE("replica facts: nothing is known of a resource that is not there") {
    CHECK(shown(cluster::facts_of_9({}).disks) == "not configured:");
    CHECK(shown(cluster::facts_of_9(resource({}, {})).disks) == "not configured:");
    // Without a peer there is none that could be up to date.
    CHECK_FALSE(cluster::facts_of_9(resource({{.disk = good}}, {})).disks.peers_up_to_date);
    CHECK_FALSE(cluster::facts_of_9(resource({{.disk = good}}, {peer(1, "bob", {})}))
                    .disks.peers_up_to_date);
}
