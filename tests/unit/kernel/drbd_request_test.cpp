// SPDX-License-Identifier: GPL-2.0-or-later
// Our requests against those that real modules understood, of 8.4.11 and 9.3.3, byte for byte; and
// against what the strict form of 8.4 takes.
#include <array>
#include <cstring>
#include <map>
#include <set>

#include "base/error.hpp"
#include "kernel/drbd_messages.hpp"
#include "kernel/drbd_v84.hpp"
#include "support/catch.hpp"
#include "unit/kernel/capture.hpp"

using namespace san;
using drbd::Dialect;

namespace {

/// Without what a socket decides: sequence and port.
drbd::Datagram essence(drbd::Datagram request) {
    std::fill(request.begin() + 8, request.begin() + 16, std::uint8_t{0});
    return request;
}

drbd::Notice parsed(const drbd::Datagram& request, const drbd::Family& family) {
    std::optional<drbd::Notice> notice;
    drbd::each_message(
        request, [&](const drbd::Message& message) { notice = drbd::Notice::in(message, family); });
    return notice.value();
}

/// Our request for what a captured one asks; nothing where we have none such.
std::vector<drbd::Datagram> ours(const drbd::Notice& wanted, const drbd::Family& family) {
    constexpr int force = 1;
    const auto& about = wanted.context;
    const auto address = [&](int which) {
        const auto bytes = about.find(which).value_or(drbd::Bytes{});
        return drbd::Address{{bytes.begin(), bytes.end()}};
    };
    const auto name = about.string(drbd::context::resource_name);
    const drbd::Resource resource{.name = name, .volumes = {{.minor = wanted.header.minor}}};
    drbd::Peer peer{.node_id =
                        static_cast<int>(about.u32(drbd::context::peer_node_id).value_or(0))};
    if (about.has(drbd::context::my_addr))
        peer.paths = {
            {.local = address(drbd::context::my_addr), .peer = address(drbd::context::peer_addr)}};
    const auto forced = [&](int parameters) {
        return wanted.attributes.inside(parameters).flag(force);
    };
    switch (wanted.command) {
        case drbd::primary:
            return drbd::promote_requests(family, resource);
        case drbd::secondary:
            return drbd::demote_requests(family, resource, forced(drbd::set_role_parms));
        case drbd::disconnect:
            return drbd::disconnect_requests(family, resource, peer,
                                             forced(drbd::disconnect_parms));
        case drbd::outdate:
            return drbd::outdate_requests(family, resource);
        case drbd::down:
            return {drbd::down_request(family, name)};
        case drbd::resource_opts:
            return {drbd::fail_instead_of_suspending_request(family, name)};
        case drbd::get_status:
            return {drbd::status_request(family, wanted.header.minor)};
        default:
            return {};
    }
}

/// Captured requests that we do not send, and why.
const std::map<std::string, const char*> not_sent{
    {"8.4 r35-minor-contradicts-name", "names a minor beside the resource"},
    {"8.4 r37-malformed", "an attribute that is too short"},
    {"8.4 r39-disconnect-named", "names the resource beside the addresses"},
    {"8.4 r40-primary-no-attr", "no parameters, which later modules may want"},
    {"8.4 r45-primary-force", "assume_uptodate: the administrator's decision"},
    {"9 r35-minor-contradicts-name", "names a minor beside the resource"},
    {"9 r37-malformed", "an attribute that is too short"},
    {"9 r40-primary-no-attr", "no parameters, which later modules may want"},
    {"9 r51-old-version", "the version of 8.4"},
    {"9 r52-secondary-no-attr", "no parameters, which later modules may want"},
    {"9 r53-secondary-by-minor", "names a minor instead of the resource"},
    {"9 r59-disconnect-no-peer", "names no peer"},
    {"9 r70-primary-force-no-quorum", "force: the administrator's decision"},
};

}  // namespace

TEST_CASE("DRBD: requests have the bytes that the modules understood") {
    std::map<int, int> same;
    std::set<std::string> differ;
    for (const auto dialect : {Dialect::v84, Dialect::v9})
        for (const auto& capture : test::captures(dialect, "r")) {
            const auto name = (dialect == Dialect::v84 ? "8.4 " : "9 ") + capture.name;
            INFO(name);
            const auto family = capture.family(dialect);
            const auto& captured = capture.exchanges.at(0).requests.at(0);
            const auto wanted = parsed(captured, family);
            const auto made = ours(wanted, family);
            if (made.empty()) continue;  // a command that the agents leave to drbdadm
            REQUIRE(made.size() == 1);
            if (not_sent.contains(name)) {
                CHECK(essence(made[0]) != essence(captured));
                differ.insert(name);
            } else {
                CHECK(essence(made[0]) == essence(captured));
                ++same[wanted.command];
            }
        }
    CHECK(differ.size() == not_sent.size());
    for (const auto command :
         {drbd::primary, drbd::secondary, drbd::disconnect, drbd::outdate, drbd::down})
        CHECK(same[command] >= 6);
}

TEST_CASE("DRBD: questions have the bytes that the modules understood") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto state = test::capture(dialect, "s05-sec-sec");
        const auto family = state.family(dialect);
        CHECK(essence(drbd::snapshot_request(family)) ==
              essence(state.exchange("GET_INITIAL_STATE").requests.at(0)));
        const auto settings = drbd::settings_requests(family);
        const std::array dumps{"GET_RESOURCES", "GET_DEVICES", "GET_CONNECTIONS"};
        REQUIRE(settings.size() == dumps.size());
        for (std::size_t at = 0; at < dumps.size(); ++at)
            CHECK(essence(settings[at]) == essence(state.exchange(dumps[at]).requests.at(0)));
    }
    const auto status = test::capture(Dialect::v84, "d07-get-status-minor");
    CHECK(essence(drbd::status_request(status.family(Dialect::v84), 3)) ==
          essence(status.exchanges.at(0).requests.at(0)));
}

TEST_CASE("DRBD: a wish to fail I/O instead of suspending it") {
    // No capture sends it with good values; the malformed one (r37) shows its frame.
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto capture = test::capture(dialect, "r37-malformed");
        const auto family = capture.family(dialect);
        const auto made = drbd::fail_instead_of_suspending_request(family, "vg1");
        const auto wanted = parsed(capture.exchanges.at(0).requests.at(0), family);
        const auto notice = parsed(made, family);
        CHECK(notice.command == wanted.command);
        CHECK(notice.header.minor == wanted.header.minor);
        CHECK(notice.context.string(drbd::context::resource_name) == "vg1");
        constexpr int on_no_data = 2, on_no_quorum = 12;
        const auto options = notice.attributes.inside(drbd::res_opts);
        CHECK(options.u32(on_no_data) == 0U);
        CHECK(options.has(on_no_quorum) == (dialect == Dialect::v9));
    }
}

TEST_CASE("DRBD 8.4: a role is asked for each volume, in 9 for the resource") {
    const drbd::Resource resource{
        .name = "r0", .volumes = {{.number = 0, .minor = 3}, {.number = 1, .minor = 7}}};
    const drbd::Family v84{.id = 33, .version = 1}, v9{.id = 33, .version = 2};
    CHECK(drbd::promote_requests(v84, resource).size() == 2);
    CHECK(drbd::demote_requests(v84, resource).size() == 2);
    CHECK(drbd::outdate_requests(v84, resource).size() == 2);
    CHECK(drbd::promote_requests(v9, resource).size() == 1);
    CHECK(parsed(drbd::promote_requests(v84, resource)[1], v84).header.minor == 7);
    CHECK(parsed(drbd::outdate_requests(v9, resource)[1], v9).header.minor == 7);
    CHECK_THROWS_AS(drbd::demote_requests(v84, resource, true), Error);
    // A peer without an address cannot be disconnected any further.
    CHECK(drbd::disconnect_requests(v84, resource, {}, false).empty());
}

TEST_CASE("DRBD: what is connected is not outdated") {
    for (const auto version : {std::uint8_t{1}, std::uint8_t{2}}) {
        drbd::Resource resource{.name = "r0", .volumes = {{}}, .peers = {{}, {.node_id = 1}}};
        CHECK(drbd::outdate_requests({.id = 33, .version = version}, resource).size() == 1);
        resource.peers[1].connection = drbd::Connection::connected;
        CHECK_THROWS_AS(drbd::outdate_requests({.id = 33, .version = version}, resource), Error);
    }
}

TEST_CASE("DRBD 8.4: the strict form takes every request that is made for it") {
    // What each operation lists: linux/drbd_genl.h of 8.4, of which the strict form makes rules.
    using namespace drbd;
    const std::map<int, std::set<int>> lists{{primary, {cfg_context, set_role_parms}},
                                             {secondary, {cfg_context, set_role_parms}},
                                             {outdate, {cfg_context}},
                                             {Command::disconnect, {cfg_context}},
                                             {resource_opts, {cfg_context, res_opts}},
                                             {down, {cfg_context}},
                                             {get_status, {cfg_context}},
                                             {get_initial_state, {}},
                                             {get_resources, {}},
                                             {get_devices, {}},
                                             {get_connections, {}}};
    const Family family{.id = 33, .version = 1, .strict = true};
    const Resource resource{.name = "r0", .volumes = {{.minor = 3}}};
    const Peer peer{.paths = {{.local = {{2, 0, 1, 2}}, .peer = {{2, 0, 1, 3}}}}};
    std::vector<Datagram> all{snapshot_request(family), down_request(family, "r0"),
                              fail_instead_of_suspending_request(family, "r0"),
                              status_request(family, 3)};
    for (const auto& some : {promote_requests(family, resource), demote_requests(family, resource),
                             outdate_requests(family, resource), settings_requests(family),
                             disconnect_requests(family, resource, peer, false),
                             disconnect_requests(family, resource, peer, true)})
        all.insert(all.end(), some.begin(), some.end());
    CHECK(all.size() == 12);
    for (const auto& request : all) {
        const auto notice = parsed(request, family);
        INFO("command " << int{notice.command});
        notice.attributes.each(
            [&](int type, Bytes) { CHECK(lists.at(notice.command).contains(type)); });
        // Every nest is marked as one, and nothing carries DRBD's old mark.
        constexpr std::size_t headers = 28;
        for (std::size_t at = headers; at + 4 <= request.size();) {
            const auto type = request[at + 2] | request[at + 3] << 8;
            CHECK((type & NLA_F_NESTED) != 0);
            CHECK((type & NLA_F_NET_BYTEORDER) == 0);
            at += (static_cast<std::size_t>(request[at] | request[at + 1] << 8) + 3) / 4 * 4;
        }
    }
}
