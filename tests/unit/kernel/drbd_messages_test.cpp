// SPDX-License-Identifier: GPL-2.0-or-later
// The wire layer against what real modules said, of 8.4.11 and 9.3.3.
#include "kernel/drbd_messages.hpp"

#include <algorithm>
#include <cstring>
#include <regex>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "unit/kernel/capture.hpp"

using namespace san;
using drbd::Dialect;

namespace {

const char* yes(bool value) { return value ? "yes" : "no"; }

/// As `drbdsetup events2` would tell it, without what the model leaves out.
std::vector<std::string> told(const std::vector<drbd::Resource>& resources, Dialect dialect) {
    std::vector<std::string> lines;
    for (const auto& resource : resources) {
        const auto name = " name:" + resource.name;
        lines.push_back("resource" + name + " role:" + drbd::word(resource.role) +
                        " suspended:" + yes(resource.suspended));
        if (dialect == Dialect::v9)
            lines.back() += std::string{" force-io-failures:"} + yes(resource.failing_io);
        for (const auto& volume : resource.volumes) {
            lines.push_back("device" + name + " volume:" + std::to_string(volume.number) +
                            " minor:" + std::to_string(volume.minor) +
                            " disk:" + drbd::word(volume.disk));
            if (dialect == Dialect::v9)
                lines.back() += std::string{" client:"} + yes(volume.client) +
                                " quorum:" + yes(volume.has_quorum);
        }
        for (const auto& peer : resource.peers) {
            const auto which = name + " peer-node-id:" + std::to_string(peer.node_id) +
                               (peer.name.empty() ? "" : " conn-name:" + peer.name);
            lines.push_back("connection" + which + " connection:" + word(peer.connection) +
                            " role:" + drbd::word(peer.role));
            for (const auto& volume : peer.volumes) {
                lines.push_back("peer-device" + which + " volume:" + std::to_string(volume.volume) +
                                " replication:" + volume.replication +
                                " peer-disk:" + drbd::word(volume.disk));
                if (dialect == Dialect::v9)
                    lines.back() += std::string{" peer-client:"} + yes(volume.client);
            }
        }
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

/// What drbdsetup told of the same state, without what the model leaves out.
std::vector<std::string> told(const test::Capture& capture, Dialect dialect) {
    static const std::regex left_out{
        " (backing_dev|resync-suspended|done|may_promote|promotion_score):[^ ]*"};
    static const std::regex some_reason{" suspended:(?!no( |$))[^ ]*"};
    std::vector<std::string> lines;
    for (auto line : capture.remarks_after("events2: exists ")) {
        if (line == "-" || line.starts_with("path")) continue;
        line = std::regex_replace(line, left_out, "");
        // The tool of 8.4 calls every peer that has an address by this name.
        if (dialect == Dialect::v84)
            line = std::regex_replace(line, std::regex{" conn-name:peer"}, "");
        lines.push_back(std::regex_replace(line, some_reason, " suspended:yes"));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

constexpr std::array dialects{Dialect::v84, Dialect::v9};

/// Requests may differ in what DRBD does not look at: sequence, port, and the flag on nests.
std::vector<std::uint8_t> essence(drbd::Datagram request) {
    std::fill(request.begin() + 8, request.begin() + 16, std::uint8_t{0});
    const std::size_t header = 16 + 4 + 8;
    for (std::size_t at = header; at + 4 <= request.size();) {
        request[at + 3] &= 0x3f;
        const auto length = static_cast<std::size_t>(request[at] | request[at + 1] << 8);
        at += (length + 3) / 4 * 4;
    }
    return request;
}

}  // namespace

TEST_CASE("DRBD: the family is found with its version and events, or not at all") {
    for (const auto dialect : dialects) {
        const auto absent = test::captures(dialect, "s01").at(0);
        for (const auto& datagram : absent.family_reply)
            CHECK_FALSE(drbd::family_in(datagram).has_value());
        const auto loaded = test::captures(dialect, "s02").at(0);
        const auto family = drbd::family_in(loaded.family_reply.at(0));
        REQUIRE(family.has_value());
        CHECK(family->id == loaded.family(dialect).id);
        CHECK(family->dialect() == dialect);
        CHECK(family->events_group > 0);
    }
}

TEST_CASE("DRBD: every captured state reads as drbdsetup tells it") {
    int seen = 0;
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "s")) {
            if (capture.requests.empty()) continue;
            INFO(capture.name << " of version " << (dialect == Dialect::v84 ? "8.4" : "9"));
            drbd::Snapshot snapshot{capture.family(dialect)};
            for (const auto& datagram : capture.received) {
                CHECK_FALSE(snapshot.complete());
                snapshot.take(datagram);
            }
            CHECK(snapshot.complete());
            CHECK(told(snapshot.resources(), dialect) == told(capture, dialect));
            ++seen;
        }
    CHECK(seen > 60);
}

TEST_CASE("DRBD: several messages in one datagram are all read") {
    const auto capture = test::captures(Dialect::v9, "s24").at(0);
    drbd::Datagram joined;
    drbd::Snapshot apart{capture.family(Dialect::v9)}, together{capture.family(Dialect::v9)};
    for (const auto& datagram : capture.received) {
        apart.take(datagram);
        joined.insert(joined.end(), datagram.begin(), datagram.end());
    }
    together.take(joined);
    CHECK(together.complete());
    CHECK(together.resources() == apart.resources());
}

TEST_CASE("DRBD: a truncated message is no state and no crash") {
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "s24"))
            for (const auto& whole : capture.received)
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

TEST_CASE("DRBD: every captured answer has its code and texts") {
    int seen = 0;
    for (const auto dialect : dialects)
        for (const auto& capture : test::captures(dialect, "r")) {
            INFO(capture.name);
            drbd::Reply reply{capture.family(dialect)};
            const auto errors = capture.remarks_after("meaning: NLMSG_ERROR -");
            if (!errors.empty()) {
                CHECK_THROWS_AS(reply.take(capture.received.at(0)), Error);
                continue;
            }
            for (const auto& datagram : capture.received) reply.take(datagram);
            CHECK(reply.complete());
            const auto answer = reply.answer();
            const auto meaning = capture.remarks_after("meaning: cmd ").at(0);
            CHECK(meaning.substr(meaning.rfind(' ') + 1) == std::to_string(answer.code));
            std::string texts;
            for (const auto& text : capture.remarks_after("meaning: info_text "))
                texts += (texts.empty() ? "" : "\n") + text.substr(1, text.size() - 2);
            if (!texts.empty()) CHECK(answer.text == texts);
            CHECK(answer.text.empty() == (answer.ok() && texts.empty()));
            ++seen;
        }
    CHECK(seen > 50);
}

TEST_CASE("DRBD: requests have the bytes that the modules understood") {
    drbd::Resource resource{.name = "vg1", .volumes = {{.number = 0, .minor = 0}}};
    for (const auto dialect : dialects) {
        const auto request = [&](const std::string& capture) {
            return test::captures(dialect, capture).at(0);
        };
        const auto same = [&](const test::Capture& capture,
                              const std::vector<drbd::Datagram>& made) {
            INFO(capture.name);
            REQUIRE(made.size() == 1);
            CHECK(essence(made[0]) == essence(capture.requests.at(0)));
        };
        const auto promote = request("r05");
        same(promote, drbd::promote_requests(promote.family(dialect), resource));
        const auto demote = request(dialect == Dialect::v84 ? "r11" : "r12");
        same(demote, drbd::demote_requests(demote.family(dialect), resource));
        const auto down = request("r31");
        same(down, {drbd::down_request(down.family(dialect), "vg1")});
        const auto state = test::captures(dialect, "s05").at(0);
        auto expected = state.requests.at(0);
        same(state, {drbd::snapshot_request(state.family(dialect))});
    }
}

TEST_CASE("DRBD 8.4: a role is asked for each volume, in 9 for the resource") {
    const drbd::Resource resource{
        .name = "r0", .volumes = {{.number = 0, .minor = 3}, {.number = 1, .minor = 7}}};
    CHECK(drbd::promote_requests({.id = 33, .version = 1}, resource).size() == 2);
    CHECK(drbd::demote_requests({.id = 33, .version = 1}, resource).size() == 2);
    CHECK(drbd::promote_requests({.id = 33, .version = 2}, resource).size() == 1);
    const auto second = drbd::promote_requests({.id = 33, .version = 1}, resource)[1];
    std::uint32_t minor = 0;
    std::memcpy(&minor, second.data() + 20, sizeof minor);
    CHECK(minor == 7);
}
