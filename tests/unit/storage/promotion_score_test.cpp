// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/promotion_score.hpp"

#include "support/catch.hpp"

using namespace san;
using drbd::Disk;

namespace {

/// One volume for each disk; a peer is a list of its disks.
drbd::Resource resource(const std::vector<Disk>& disks,
                        const std::vector<std::vector<Disk>>& peers = {}) {
    drbd::Resource of{.name = "r0", .role = drbd::Role::secondary};
    for (const auto disk : disks)
        of.volumes.push_back({.number = static_cast<unsigned>(of.volumes.size()), .disk = disk});
    for (const auto& theirs : peers) {
        drbd::Peer peer{.name = "peer", .connection = drbd::Connection::connected};
        for (const auto disk : theirs)
            peer.volumes.push_back(
                {.volume = static_cast<unsigned>(peer.volumes.size()), .disk = disk});
        of.peers.push_back(std::move(peer));
    }
    return of;
}

}  // namespace

TEST_CASE("promotion score: as drbd-utils' own tests of events2 have it") {
    CHECK(promotion_score(resource({})) == 0);
    CHECK(promotion_score(resource({Disk::diskless})) == 0);
    CHECK(promotion_score(resource({Disk::up_to_date})) == 10101);
    CHECK(promotion_score(resource({Disk::up_to_date, Disk::diskless})) == 0);
    CHECK(promotion_score(resource({Disk::up_to_date, Disk::up_to_date})) == 10201);
    CHECK(promotion_score(resource({Disk::inconsistent})) == 0);
    CHECK(promotion_score(resource({Disk::inconsistent}, {{Disk::unknown}})) == 0);
    CHECK(promotion_score(resource({Disk::inconsistent}, {{Disk::up_to_date}})) == 10001);
}

TEST_CASE("promotion score: the volume with the fewest good copies counts") {
    using enum Disk;
    CHECK(promotion_score(resource({up_to_date}, {{up_to_date}})) == 10102);
    CHECK(promotion_score(resource({up_to_date}, {{up_to_date}, {up_to_date}})) == 10103);
    CHECK(promotion_score(resource({up_to_date, up_to_date}, {{up_to_date, inconsistent},
                                                              {up_to_date, up_to_date}})) == 10202);
}

TEST_CASE("promotion score: Outdated, and what has not attached, are no disk") {
    for (const auto disk : {Disk::outdated, Disk::diskless, Disk::failed, Disk::attaching,
                            Disk::detaching, Disk::negotiating, Disk::unknown})
        CHECK(promotion_score(resource({disk}, {{Disk::up_to_date}})) == 1);
    CHECK(promotion_score(resource({Disk::consistent}, {{Disk::up_to_date}})) == 10001);
    CHECK(promotion_score(resource({Disk::consistent})) == 0);
}

TEST_CASE("promotion score: nothing without quorum, or when all I/O fails") {
    auto lonely = resource({Disk::up_to_date, Disk::up_to_date});
    lonely.volumes[1].has_quorum = false;
    CHECK(promotion_score(lonely) == 0);
    auto failing = resource({Disk::up_to_date});
    failing.failing_io = true;
    CHECK(promotion_score(failing) == 0);
}

TEST_CASE("promotion score: at most 99 of each") {
    const auto all = std::vector<Disk>(120, Disk::up_to_date);
    CHECK(promotion_score(resource(all)) == 19901);
    CHECK(promotion_score(resource({Disk::up_to_date}, std::vector<std::vector<Disk>>(
                                                           120, {Disk::up_to_date}))) == 10199);
}

TEST_CASE("summary: what led to a score") {
    auto it = resource({Disk::up_to_date, Disk::diskless}, {{Disk::up_to_date, Disk::outdated}});
    it.volumes[1].has_quorum = false;
    it.failing_io = true;
    CHECK(summary(it) ==
          "role:Secondary disk:UpToDate,Diskless(no quorum) force-io-failures:yes "
          "peer:connected,UpToDate,Outdated");
}
