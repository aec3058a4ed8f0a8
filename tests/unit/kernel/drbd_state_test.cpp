// SPDX-License-Identifier: GPL-2.0-or-later
// What dumps of real modules say, of 8.4.11 and 9.3.3: every captured state (s) and dump (d).
#include <array>

#include "base/error.hpp"
#include "kernel/drbd_messages.hpp"
#include "kernel/drbd_v84.hpp"
#include "support/catch.hpp"
#include "unit/kernel/drbd_told.hpp"

using namespace san;
using drbd::Dialect;

namespace {

constexpr std::array dialects{Dialect::v84, Dialect::v9};

drbd::Snapshot snapshot_of(const test::Exchange& exchange, const drbd::Family& family) {
    drbd::Snapshot snapshot{family};
    for (const auto& datagram : exchange.received) {
        CHECK_FALSE(snapshot.complete());
        snapshot.take(datagram);
    }
    CHECK(snapshot.complete());
    CHECK_FALSE(snapshot.interrupted());
    return snapshot;
}

/// One dump after the other of each kind of object, as one answer.
std::vector<drbd::Resource> objects_of(const test::Capture& capture, const drbd::Family& family) {
    drbd::Snapshot all{family};
    for (const auto* kind :
         {"GET_RESOURCES", "GET_DEVICES", "GET_CONNECTIONS", "GET_PEER_DEVICES", "GET_PATHS"})
        if (capture.has(kind))
            for (const auto& datagram : capture.exchange(kind).received) all.take(datagram);
    return all.resources();
}

/// Numbers that go on while the dumps are taken.
std::vector<drbd::Resource> without_progress(std::vector<drbd::Resource> resources) {
    for (auto& resource : resources)
        for (auto& peer : resource.peers)
            for (auto& volume : peer.volumes) volume.out_of_sync = 0;
    return test::in_order(std::move(resources));
}

}  // namespace

TEST_CASE("DRBD: every captured state reads as drbdsetup tells it") {
    std::size_t seen = 0;
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "s")) {
            ++seen;
            INFO(capture.name << " of version " << (dialect == Dialect::v84 ? "8.4" : "9"));
            // Where the module is not loaded there is nothing to ask; see the family's test.
            if (capture.name.starts_with("s01")) continue;
            const auto family = capture.family(dialect);
            const auto snapshot = snapshot_of(capture.exchange("GET_INITIAL_STATE"), family);
            CHECK(test::told(snapshot.resources(), dialect) == test::told(capture));
        }
    CHECK(seen == 30 + 38);
}

TEST_CASE("DRBD: the dumps of single kinds of objects say the same as the snapshot") {
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "s")) {
            if (capture.name.starts_with("s01")) continue;
            INFO(capture.name << " of version " << (dialect == Dialect::v84 ? "8.4" : "9"));
            const auto family = capture.family(dialect);
            const auto snapshot = snapshot_of(capture.exchange("GET_INITIAL_STATE"), family);
            CHECK(without_progress(objects_of(capture, family)) ==
                  without_progress(snapshot.resources()));
        }
}

TEST_CASE("DRBD: the members that drbdsetup's events leave out") {
    const auto look = [](Dialect dialect, const std::string& name) {
        const auto capture = test::capture(dialect, name);
        auto resources = test::in_order(
            snapshot_of(capture.exchange("GET_INITIAL_STATE"), capture.family(dialect))
                .resources());
        return resources;
    };
    constexpr std::uint64_t mebibyte = 1 << 20;
    for (const auto dialect : dialects) {
        const auto vg1 = look(dialect, "s05-sec-sec").at(0);
        // The backing disk without DRBD's own metadata.
        CHECK(vg1.volumes.at(0).size > 255 * mebibyte);
        CHECK(vg1.volumes.at(0).size < 256 * mebibyte);
        CHECK(vg1.volumes.at(0).role == drbd::Role::secondary);
        CHECK(vg1.peers.at(0).volumes.at(0).out_of_sync == 0);
        const auto resync = look(dialect, "s08-sync-source").at(0).peers.at(0).volumes.at(0);
        CHECK(resync.out_of_sync > 100 * mebibyte);
        CHECK(resync.out_of_sync < 256 * mebibyte);
        CHECK((resync.resync_total > 0) == (dialect == Dialect::v9));
        CHECK(look(dialect, "s06-pri-sec").at(0).volumes.at(0).role == drbd::Role::primary);
    }
    CHECK(look(Dialect::v9, "s28-open").at(0).volumes.at(0).open);
    CHECK_FALSE(look(Dialect::v9, "s29-primary-outdated-connected").at(0).volumes.at(0).open);
    // A Secondary's data changes while this node is Primary.
    CHECK(look(Dialect::v9, "s05-sec-sec").at(0).peers.at(0).volumes.at(0).stable);
    CHECK_FALSE(look(Dialect::v9, "s06-pri-sec").at(0).peers.at(0).volumes.at(0).stable);
    // 8.4 tells the highest role of the volumes, which are two here.
    const auto two = look(Dialect::v84, "s24-two-resources");
    CHECK(two.at(1).role == drbd::Role::primary);
    CHECK(two.at(1).volumes.at(0).role == drbd::Role::unknown);
    CHECK(two.at(0).volumes.at(0).role == drbd::Role::primary);
    const auto path = look(Dialect::v84, "s24-two-resources").at(0).peers.at(0).paths.at(0);
    CHECK(path.local.to_text() == "ipv6:[fd77::11]:7790");
    CHECK(path.peer.to_text() == "ipv6:[fd77::12]:7790");
    CHECK(path.established);
    CHECK(look(Dialect::v84, "s13-standalone").at(0).peers.at(0).paths.empty());
}

TEST_CASE("DRBD: every captured special dump has what its title says") {
    std::size_t seen = 0;
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "d")) {
            ++seen;
            INFO(capture.name);
            const auto family = capture.family(dialect);
            const auto& exchange = capture.exchanges.at(0);
            const auto remarks = capture.remarks_after("meaning: ");
            const bool refused =
                std::any_of(remarks.begin(), remarks.end(), [](const std::string& remark) {
                    return remark.ends_with("ret_code 158") || remark.starts_with("NLMSG_DONE -");
                });
            drbd::Snapshot snapshot{family};
            if (refused) {
                // The first datagram is enough: what repeats itself for ever is not read on.
                CHECK_THROWS_AS(snapshot.take(exchange.received.at(0)), Error);
                CHECK(snapshot.resources().empty());
                continue;
            }
            if (capture.name == "d07-get-status-minor") continue;  // no dump; see the replies
            for (const auto& datagram : exchange.received) snapshot.take(datagram);
            CHECK(snapshot.complete());
            std::vector<std::string> names;
            for (const auto& resource : snapshot.resources()) names.push_back(resource.name);
            std::sort(names.begin(), names.end());
            // Restricted to one, but those that cannot be.
            const bool restricted = capture.name.starts_with("d01") &&
                                    exchange.name != "GET_RESOURCES" &&
                                    exchange.name != "GET_INITIAL_STATE";
            if (exchange.name == "GET_STATUS")
                CHECK(names.empty());
            else if (restricted)
                CHECK(names == std::vector<std::string>{"vg1"});
            else
                CHECK(names == std::vector<std::string>{"data-6.img_2", "vg1"});
        }
    CHECK(seen == 11 + 11);
}

TEST_CASE("DRBD: several messages in one datagram are all read") {
    for (const auto dialect : dialects) {
        const auto capture = test::capture(dialect, "s24-two-resources");
        const auto& exchange = capture.exchange("GET_INITIAL_STATE");
        const auto family = capture.family(dialect);
        drbd::Datagram joined;
        for (const auto& datagram : exchange.received)
            joined.insert(joined.end(), datagram.begin(), datagram.end());
        drbd::Snapshot together{family};
        together.take(joined);
        CHECK(together.complete());
        CHECK(together.resources() == snapshot_of(exchange, family).resources());
    }
}

TEST_CASE("DRBD: a truncated message is no state and no crash") {
    for (const auto dialect : dialects) {
        const auto capture = test::capture(dialect, "s24-two-resources");
        for (const auto& whole : capture.exchange("GET_INITIAL_STATE").received)
            for (std::size_t length = 0; length < whole.size(); ++length) {
                drbd::Snapshot snapshot{capture.family(dialect)};
                // A buffer of exactly that size: reading behind it is seen by the sanitizer.
                const drbd::Datagram part(whole.begin(),
                                          whole.begin() + static_cast<std::ptrdiff_t>(length));
                snapshot.take(part);
                CHECK_FALSE(snapshot.complete());
                CHECK(snapshot.resources().empty());
            }
    }
}

TEST_CASE("DRBD: a dump that was interrupted says so") {
    const auto capture = test::capture(Dialect::v9, "s05-sec-sec");
    auto changed = capture.exchange("GET_INITIAL_STATE").received;
    constexpr std::uint8_t dump_intr = 0x10;
    changed.back().at(6) |= dump_intr;
    drbd::Snapshot snapshot{capture.family(Dialect::v9)};
    for (const auto& datagram : changed) snapshot.take(datagram);
    CHECK(snapshot.complete());
    CHECK(snapshot.interrupted());
}

TEST_CASE("DRBD: a state with a number that nobody knows is nothing good, and can be read") {
    for (const auto dialect : {Dialect::v84, Dialect::strict_v84, Dialect::v9})
        for (const std::uint32_t number : {24U, 99U, 0xffffffffU}) {
            CHECK(drbd::disk_of(dialect, number) == drbd::Disk::unknown);
            CHECK(drbd::connection_of(number) == drbd::Connection::stand_alone);
            CHECK(drbd::role_of(number) == drbd::Role::unknown);
            CHECK(drbd::replication_of(number) == "Unknown(" + std::to_string(number) + ")");
        }
    CHECK(drbd::Address{{1, 2, 3}}.to_text() == "unknown");
    CHECK(drbd::Address{}.to_text() == "unknown");
}
