// SPDX-License-Identifier: GPL-2.0-or-later
// The environments of 8.4 and 9, and what people read.
#include "storage/replica_notice.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

Replica_notice notice(const char* event, const Replica_notice::Variables& variables) {
    return Replica_notice::parse(*find_replica_event(event), variables);
}

const Replica_notice::Variables of_84{
    {"DRBD_RESOURCE", "r0"},        {"DRBD_MINOR", "1"},
    {"DRBD_VOLUME", "0"},           {"DRBD_LL_DISK", "/dev/vg/r0"},
    {"DRBD_PEER", "bob"},           {"DRBD_PEERS", "bob"},
    {"DRBD_PEER_AF", "ipv4"},       {"DRBD_PEER_ADDRESS", "10.0.0.2"},
    {"DRBD_CONF", "/etc/drbd.conf"}};

const Replica_notice::Variables of_9{{"DRBD_RESOURCE", "r0"},
                                     {"DRBD_MINOR_0", "1000"},
                                     {"DRBD_BACKING_DEV_0", "/dev/vg/r0_0"},
                                     {"DRBD_MINOR_1", "1001"},
                                     {"DRBD_BACKING_DEV_1", "/dev/vg/r0_1"},
                                     {"DRBD_PEER_NODE_ID", "2"},
                                     {"DRBD_MY_NODE_ID", "0"},
                                     {"DRBD_NODE_ID_0", "alice"},
                                     {"DRBD_NODE_ID_1", "bob"},
                                     {"DRBD_NODE_ID_2", "carol"},
                                     {"DRBD_PEER_ADDRESS", "10.0.0.3"},
                                     {"DRBD_CSTATE", "NetworkFailure"}};

}  // namespace

TEST_CASE("notice: of 8.4, about one device") {
    const auto it = notice("split-brain", of_84);
    CHECK(it.peer == "bob");
    CHECK(it.volumes == std::vector<Replica_notice::Volume>{{"0", "1", "/dev/vg/r0"}});
    CHECK(it.alarm() == "split-brain with bob");
    CHECK(it.log_line() == "split-brain: DRBD resource r0 volume 0 (drbd1): split brain with bob");
    CHECK(it.subject("alice") == "DRBD r0 on alice: split brain with bob");
}

TEST_CASE("notice: of 9, about a connection; the peer's name follows from its number") {
    const auto it = notice("disconnected", of_9);
    CHECK(it.peer == "carol");
    CHECK(it.volumes == std::vector<Replica_notice::Volume>{{"0", "1000", "/dev/vg/r0_0"},
                                                            {"1", "1001", "/dev/vg/r0_1"}});
    CHECK(it.alarm() == "disconnected from carol");
    CHECK(it.log_line() ==
          "disconnected: DRBD resource r0 volume 0 (drbd1000), volume 1 (drbd1001): connection "
          "lost from carol (NetworkFailure)");
}

TEST_CASE("notice: lists of volumes, of either version's drbdadm") {
    auto variables = of_84;
    variables["DRBD_MINOR"] = "1 2";
    variables["DRBD_VOLUME"] = "0 1";
    variables["DRBD_LL_DISK"] = "/dev/a /dev/b";
    CHECK(notice("split-brain", variables).volumes ==
          std::vector<Replica_notice::Volume>{{"0", "1", "/dev/a"}, {"1", "2", "/dev/b"}});
}

TEST_CASE("notice: a peer is named as well as it can be") {
    auto variables = of_9;
    variables.erase("DRBD_NODE_ID_2");
    CHECK(notice("split-brain", variables).peer == "node 2");
    variables.erase("DRBD_PEER_NODE_ID");
    CHECK(notice("split-brain", variables).peer == "10.0.0.3");
    variables.erase("DRBD_PEER_ADDRESS");
    CHECK(notice("split-brain", variables).alarm() == "split-brain");
    // A peer is not what an error of the disk is about.
    CHECK(notice("io-error", of_84).alarm() == "io-error of volume 0");
}

TEST_CASE("notice: without a resource there is none, and nothing in it changes a letter's lines") {
    auto variables = of_84;
    variables["DRBD_PEERS"] = "bob\nBcc: eve";
    CHECK(notice("split-brain", variables).peer == "bob?Bcc: eve");
    variables["DRBD_RESOURCE"] = "";
    CHECK_THROWS_WITH(notice("split-brain", variables), ContainsSubstring("DRBD_RESOURCE"));
    variables["DRBD_RESOURCE"] = "r0; reboot";
    CHECK_THROWS_AS(notice("split-brain", variables), Error);
}

TEST_CASE("notice: the letter has all that is known, and what to do with names in it") {
    const auto text = notice("split-brain", of_84)
                          .letter("alice", "2026-11-21 03:00:00 +0100", "    r0 StandAlone\n");
    for (const auto* part :
         {"DRBD r0 on alice: split brain with bob\n\nBoth nodes have changed",
          "When:      2026-11-21 03:00:00 +0100\n", "Host:      alice\n", "Resource:  r0\n",
          "Volume:    0, /dev/drbd1, on /dev/vg/r0\n", "Peer:      bob\n",
          "DRBD's state on alice just after:\n\n    r0 StandAlone\n",
          "    drbdadm connect --discard-my-data r0\n", "Nothing is resolved automatically",
          "attribute san-drbd-r0"})
        CHECK_THAT(text, ContainsSubstring(part));
    for (const auto& event : replica_events())
        CHECK(notice(std::string{event.name}.c_str(), of_9).letter("a", "b", "c").find('{') ==
              std::string::npos);
}
