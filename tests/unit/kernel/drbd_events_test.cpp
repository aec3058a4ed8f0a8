// SPDX-License-Identifier: GPL-2.0-or-later
// What real modules notified of while something happened, of 8.4.11 and 9.3.3: every captured
// stream (e), applied to the state captured before it, gives the state captured after it.
#include "kernel/drbd_events.hpp"

#include <map>
#include <set>

#include "kernel/drbd_messages.hpp"
#include "support/catch.hpp"
#include "unit/kernel/drbd_event_rows.hpp"

using namespace san;
using drbd::Dialect;
using test::after;
using test::as_of;
using test::rows_of;
using test::stream_of;
using test::told_after;

namespace {

/// The captured events alone, on a module without resources.
drbd::Event_stream alone(Dialect dialect, const std::string& events) {
    auto stream = stream_of(dialect, "s02-unconfigured");
    const auto family = test::capture(dialect, "s02-unconfigured").family(dialect);
    for (const auto& datagram : as_of(family, test::capture(dialect, events).exchanges.at(0)))
        stream.take(datagram);
    CHECK_FALSE(stream.lost());
    return stream;
}

/// Those between which no captured state lies; told of in the tests of their own.
const std::set<std::string> without_states{"e03-new-uuid", "e04-promote-peer",
                                           "e17-promote-refused", "e18-data-back", "e20-up-multi"};

}  // namespace

TEST_CASE("DRBD: events lead from one captured state to the next") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        auto seen = without_states;
        if (dialect == Dialect::v9) seen.insert("e21-disconnect");
        for (const auto& row : rows_of(dialect)) {
            INFO(row.events << " of version " << (dialect == Dialect::v84 ? "8.4" : "9"));
            const auto stream = after(row, dialect);
            seen.insert(row.events);
            CHECK(stream.settled());
            CHECK_FALSE(stream.lost());
            CHECK(test::told(stream.resources(), dialect) == told_after(row, dialect));
            const bool is_unload = std::string{row.events} == "e22-module-unload";
            CHECK(stream.unloaded() == is_unload);
        }
        std::set<std::string> all;
        for (const auto& capture : test::captures(dialect, "e")) all.insert(capture.name);
        CHECK(seen == all);
    }
}

TEST_CASE("DRBD: two resources come up") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto resources = test::in_order(alone(dialect, "e20-up-multi").resources());
        REQUIRE(resources.size() == 2);
        CHECK(resources[0].name == "data-6.img_2");
        CHECK(resources[1].name == "vg1");
        CHECK(resources[1].volumes.size() == 2);
        CHECK(resources[1].peers.at(0).paths.size() == (dialect == Dialect::v9 ? 2 : 1));
        for (const auto& resource : resources) {
            CHECK(resource.role == drbd::Role::secondary);
            REQUIRE(resource.peers.size() == 1);
            CHECK(resource.peers[0].connection == drbd::Connection::connected);
            CHECK(resource.peers[0].volumes.size() == resource.volumes.size());
            for (const auto& volume : resource.volumes)
                CHECK(volume.disk == drbd::Disk::up_to_date);
            for (const auto& volume : resource.peers[0].volumes) {
                CHECK(volume.disk == drbd::Disk::up_to_date);
                CHECK(volume.replication == "Established");
            }
        }
    }
}

TEST_CASE("DRBD: single changes of a peer and of data") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto fresh = alone(dialect, "e03-new-uuid").resources().at(0);
        CHECK(fresh.volumes.at(0).disk == drbd::Disk::up_to_date);
        CHECK(fresh.peers.at(0).volumes.at(0).disk == drbd::Disk::up_to_date);
        const auto promoted = alone(dialect, "e04-promote-peer").resources().at(0);
        CHECK(promoted.peers.at(0).role == drbd::Role::primary);
        const auto back = alone(dialect, "e18-data-back").resources().at(0);
        CHECK_FALSE(back.suspended);
        CHECK(back.role == drbd::Role::primary);
        CHECK(back.peers.at(0).volumes.at(0).disk == drbd::Disk::up_to_date);
    }
    auto stream = after({"e21-disconnect", "s24-two-resources", ""}, Dialect::v9);
    const auto left = test::in_order(stream.resources()).at(0);
    CHECK(left.name == "data-6.img_2");
    CHECK(left.peers.at(0).connection == drbd::Connection::stand_alone);
    CHECK_FALSE(left.peers.at(0).paths.at(0).established);
}

TEST_CASE("DRBD: handlers are told of when they are called and when they return") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        auto stream = alone(dialect, "e17-promote-refused");
        const auto calls = stream.helper_calls();
        CHECK(calls.size() == (dialect == Dialect::v84 ? 8 : 2));
        CHECK(calls.at(0).name == "fence-peer");
        CHECK(calls.at(0).resource == "vg1");
        CHECK_FALSE(calls.at(0).volume.has_value());
        CHECK_FALSE(calls.at(0).exit_code.has_value());
        CHECK(calls.at(0).peer == (dialect == Dialect::v84 ? std::nullopt : std::optional{1}));
        CHECK(calls.at(1).exit_code == 1);
        CHECK(stream.helper_calls().empty());
        std::map<std::string, int> codes;
        for (const auto& call : alone(dialect, "e13-fence-suspend").helper_calls())
            if (call.exit_code) codes[call.name] = *call.exit_code;
        CHECK(codes.at("fence-peer") == 5);
        const auto split = alone(dialect, "e16-split-brain").helper_calls();
        CHECK(std::any_of(split.begin(), split.end(), [](const auto& call) {
            return call.name == "split-brain" && !call.exit_code;
        }));
    }
}

TEST_CASE("DRBD: what belongs to one change is told as such") {
    auto stream = stream_of(Dialect::v9, "s06-pri-sec");
    const auto capture = test::capture(Dialect::v9, "e06-peer-lost");
    const auto datagrams = as_of(test::capture(Dialect::v9, "s06-pri-sec").family(Dialect::v9),
                                 capture.exchanges.at(0));
    stream.take(datagrams.at(0));  // the connection, and more follows
    CHECK_FALSE(stream.settled());
    stream.take(datagrams.at(1));  // the volumes of the peer
    CHECK(stream.settled());
}

TEST_CASE("DRBD: notifications that come during the snapshot are applied after it, by number") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto before = test::capture(dialect, "s06-pri-sec");
        const auto expected = test::told(test::capture(dialect, "s07-peer-lost"));
        const auto family = before.family(dialect);
        const auto snapshot = before.exchange("GET_INITIAL_STATE").received;
        auto events = as_of(family, test::capture(dialect, "e06-peer-lost").exchanges.at(0));
        std::reverse(events.begin(), events.end());
        for (std::size_t at = 0; at + 1 < snapshot.size(); ++at) {
            drbd::Event_stream stream{family};
            for (std::size_t part = 0; part < snapshot.size(); ++part) {
                if (part == at)
                    for (const auto& event : events) stream.take(event);
                stream.take(snapshot[part]);
            }
            CHECK(stream.ready());
            CHECK(test::told(stream.resources(), dialect) == expected);
        }
    }
}

TEST_CASE("DRBD: notifications in any order end in the same state") {
    for (const auto dialect : {Dialect::v84, Dialect::v9})
        for (const auto& row : rows_of(dialect)) {
            // A name that changes is the exception, which asks for a new snapshot.
            if (std::string{row.events} == "e33-rename" || row.first != nullptr) continue;
            INFO(row.events << " of version " << (dialect == Dialect::v84 ? "8.4" : "9"));
            auto stream = stream_of(dialect, row.before);
            const auto family = test::capture(dialect, row.before).family(dialect);
            auto events = as_of(family, test::capture(dialect, row.events).exchanges.at(0), 10000);
            std::reverse(events.begin(), events.end());
            for (const auto& event : events) stream.take(event);
            CHECK(test::told(stream.resources(), dialect) == told_after(row, dialect));
        }
}

TEST_CASE("DRBD: the counter of notifications wraps round") {
    auto stream = stream_of(Dialect::v84, "s05-sec-sec");
    const auto family = test::capture(Dialect::v84, "s05-sec-sec").family(Dialect::v84);
    const auto take = [&](const char* events, std::uint32_t later) {
        for (const auto& datagram :
             as_of(family, test::capture(Dialect::v84, events).exchanges.at(0), later))
            stream.take(datagram);
        return stream.resources().at(0).role;
    };
    CHECK(take("e04-promote", 0xffffffff - 16) == drbd::Role::primary);
    CHECK(take("e05-demote", 0) == drbd::Role::secondary);
    CHECK(take("e04-promote", 0xffffffff - 20) == drbd::Role::secondary);  // late
}

TEST_CASE("DRBD: a resource has its new name at once, and older news by the old one are a loss") {
    auto stream = stream_of(Dialect::v9, "s05-sec-sec");
    const auto family = test::capture(Dialect::v9, "s05-sec-sec").family(Dialect::v9);
    const auto rename =
        as_of(family, test::capture(Dialect::v9, "e33-rename").exchanges.at(0), 10000);
    const auto change = as_of(family, test::capture(Dialect::v9, "e04-promote").exchanges.at(0));
    stream.take(rename.at(0));
    CHECK(stream.resources().at(0).name == "vg1-new");
    CHECK(stream.resources().size() == 1);
    CHECK_FALSE(stream.lost());
    stream.take(change.at(0));
    CHECK(stream.lost());
}

TEST_CASE("DRBD: a name that another resource has got meanwhile is no ground to have two of it") {
    auto stream = stream_of(Dialect::v9, "s05-sec-sec");
    const auto family = test::capture(Dialect::v9, "s05-sec-sec").family(Dialect::v9);
    const auto rename = test::capture(Dialect::v9, "e33-rename").exchanges.at(0);
    stream.take(as_of(family, rename, 10000).at(0));
    // News by the old name, and newer: somebody has made a resource of that name.
    const auto change = test::capture(Dialect::v9, "e04-promote").exchanges.at(0);
    stream.take(as_of(family, change, 20000).at(0));
    CHECK_FALSE(stream.lost());
    CHECK(stream.resources().size() == 2);
    stream.take(as_of(family, rename, 30000).at(1));
    CHECK(stream.lost());
    CHECK(stream.resources().size() == 2);
}

TEST_CASE("DRBD: a kind of notification that nobody knows asks for a new snapshot") {
    auto stream = stream_of(Dialect::v9, "s05-sec-sec");
    drbd::Writer writer{test::capture(Dialect::v9, "s05-sec-sec").family(Dialect::v9).id, 0};
    struct {
        std::uint8_t command = drbd::resource_state, version = 2;
        std::uint16_t reserved = 0;
    } general;
    writer.header(general).header(drbd::User_header{.ret_code = drbd::no_error});
    drbd::put_resource(writer, "vg1");
    writer.nest(drbd::notification_header, [](drbd::Writer& nest) { nest.u32(1, 9); });
    stream.take(writer.bytes());
    CHECK(stream.lost());
}

TEST_CASE("DRBD 8.4: a connection without address is the one that is made later") {
    auto stream = stream_of(Dialect::v84, "s13-standalone");
    CHECK(stream.resources().at(0).peers.at(0).paths.empty());
    const auto family = test::capture(Dialect::v84, "s13-standalone").family(Dialect::v84);
    for (const auto& datagram :
         as_of(family, test::capture(Dialect::v84, "e01-up-alone").exchanges.at(0), 10000))
        stream.take(datagram);
    REQUIRE(stream.resources().at(0).peers.size() == 1);
    const auto& peer = stream.resources().at(0).peers.at(0);
    CHECK(peer.connection == drbd::Connection::connecting);
    CHECK(peer.paths.size() == 1);
    CHECK(peer.volumes.size() == 1);
}

TEST_CASE("DRBD: truncated and joined notifications") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto before = test::capture(dialect, "s06-pri-sec");
        const auto family = before.family(dialect);
        const auto events = as_of(family, test::capture(dialect, "e06-peer-lost").exchanges.at(0));
        drbd::Datagram joined;
        for (const auto& whole : events) {
            joined.insert(joined.end(), whole.begin(), whole.end());
            auto stream = stream_of(dialect, "s06-pri-sec");
            for (std::size_t length = 0; length < whole.size(); ++length)
                stream.take({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
            CHECK(test::told(stream.resources(), dialect) == test::told(before));
        }
        auto stream = stream_of(dialect, "s06-pri-sec");
        stream.take(joined);
        CHECK(test::told(stream.resources(), dialect) ==
              test::told(test::capture(dialect, "s07-peer-lost")));
    }
}
