// SPDX-License-Identifier: GPL-2.0-or-later
// What a real tgtd was asked and answered, 1.0.85: every recorded request and answer.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/error.hpp"
#include "kernel/tgt_requests.hpp"
#include "kernel/tgt_targets.hpp"
#include "support/catch.hpp"
#include "support/fake_tgt.hpp"
#include "support/source_directory.hpp"

using namespace san;

namespace {

const std::filesystem::path folder{test::source_directory() + "/tests/data/tgt"};

std::string whole(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    REQUIRE(in);
    return {std::istreambuf_iterator<char>{in}, {}};
}

tgt::Bytes bytes_of(const std::string& hex) {
    tgt::Bytes bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
    return bytes;
}

struct Exchange {
    std::map<std::string, std::string> fields{};

    const std::string& name() const { return fields.at("case"); }
    bool has(const std::string& field) const {
        const auto found = fields.find(field);
        return found != fields.end() && found->second != "-";
    }
    tgt::Bytes request() const { return bytes_of(fields.at("request")); }
    /// "HEX + show/NAME.txt + 00" where it has a text.
    tgt::Bytes response() const {
        const auto& text = fields.at("response");
        const auto plus = text.find(" + ");
        auto bytes = bytes_of(text.substr(0, plus));
        if (plus == std::string::npos) return bytes;
        const auto file = text.substr(plus + 3, text.rfind(" + ") - plus - 3);
        for (const auto letter : whole(folder / file))
            bytes.push_back(static_cast<std::uint8_t>(letter));
        bytes.push_back(0);
        return bytes;
    }
};

std::vector<Exchange> exchanges(const std::string& file) {
    std::vector<Exchange> found(1);
    std::ifstream in{folder / file};
    for (std::string line; std::getline(in, line);) {
        const auto colon = line.find(": ");
        if (line.empty() && !found.back().fields.empty()) found.emplace_back();
        if (colon != std::string::npos)
            found.back().fields[line.substr(0, colon)] = line.substr(colon + 2);
    }
    if (found.back().fields.empty()) found.pop_back();
    return found;
}

/// The request that these bytes are, if it is one of ours.
std::optional<tgt::Request> decode(const tgt::Bytes& bytes) {
    const auto number = [&](std::size_t at, std::size_t size = 4) {
        std::uint64_t value = 0;
        std::memcpy(&value, bytes.data() + at, size);
        return value;
    };
    if (bytes.size() < 120 || number(72) != bytes.size() || number(0) > 7 || number(4) > 5 ||
        number(0) == static_cast<std::uint64_t>(tgt::Mode::driver))
        return {};
    if (std::strcmp(reinterpret_cast<const char*>(bytes.data() + 8), "iscsi") != 0) return {};
    if (bytes.size() > 120 && bytes.back() != 0) return {};
    tgt::Request request{.mode = static_cast<tgt::Mode>(number(0)),
                         .op = static_cast<tgt::Op>(number(4)),
                         .target = static_cast<std::int32_t>(number(76)),
                         .session = number(80, 8),
                         .unit = number(88, 8),
                         .connection = static_cast<std::uint32_t>(number(96)),
                         .device_type = static_cast<std::uint32_t>(number(104)),
                         .outgoing = number(108) == 1,
                         .by_force = number(116) == 1};
    if (bytes.size() > 120) request.text.assign(bytes.begin() + 120, bytes.end() - 1);
    return request;
}

tgt::Answer answer_in(const tgt::Bytes& bytes) {
    tgt::Incoming incoming;
    for (const auto byte : bytes) {
        CHECK_FALSE(incoming.complete());
        incoming.take(&byte, 1);
    }
    REQUIRE(incoming.complete());
    return incoming.answer();
}

}  // namespace

TEST_CASE("tgt: every recorded answer is read, byte by byte") {
    unsigned seen = 0;
    for (const auto* file : {"exchanges.txt", "exchanges-protocol.txt"})
        for (const auto& exchange : exchanges(file)) {
            if (!exchange.has("response")) continue;
            INFO(exchange.name());
            const auto answer = answer_in(exchange.response());
            CHECK(std::to_string(answer.code) == exchange.fields.at("error"));
            CHECK_FALSE(answer.text.ends_with('\0'));
            ++seen;
        }
    CHECK(seen == 202);
}

TEST_CASE("tgt: bytes that are no answer are refused") {
    for (const auto* hex : {"0000000007000000", "00000000000000ff", "000000000800000000"}) {
        const auto bytes = bytes_of(hex);
        tgt::Incoming incoming;
        CHECK_THROWS_AS(incoming.take(bytes.data(), bytes.size()), Error);
    }
}

TEST_CASE("tgt: a fake that was asked what the daemon was asked answers the same, to the byte") {
    test::Fake_tgtd daemon;
    daemon.files = {{"/srv/iscsi/disk1.img", 64 << 20},
                    {"/srv/iscsi/disk2.img", 64 << 20},
                    {"/srv/iscsi/disk3.img", 16 << 20}};
    // What clients and their commands did between the requests.
    const std::map<std::string, std::function<void()>> meanwhile{
        {"target-show-all-sessions",
         [&] {
             daemon.targets.at(1).connections = {
                 {10, 0, "iqn.1994-05.com.redhat:client1", "127.0.0.1"},
                 {11, 0, "iqn.1994-05.com.redhat:client2", "127.0.0.1"}};
         }},
        {"lun-delete-idle-with-session",
         [&] {
             daemon.targets.at(1).connections = {
                 {12, 0, "iqn.1994-05.com.redhat:client1", "127.0.0.1"}};
         }},
        {"err-lun-delete-active",
         [&] {
             daemon.targets.at(1).units.at(1).in_use = true;
             daemon.targets.at(1).connections = {
                 {13, 0, "iqn.2010-11.libiscsi:iscsi-perf", "127.0.0.1"}};
         }},
        {"target-show-all-later", [&] {
             daemon.targets.at(1).units.at(1).in_use = false;
             daemon.targets.at(1).connections.clear();
         }}};
    unsigned seen = 0;
    std::vector<std::string> left_out;
    for (const auto& exchange : exchanges("exchanges.txt")) {
        if (const auto change = meanwhile.find(exchange.name()); change != meanwhile.end())
            change->second();
        const auto request = exchange.has("request") ? decode(exchange.request()) : std::nullopt;
        if (!request) {
            left_out.push_back(exchange.name());
            continue;
        }
        INFO(exchange.name());
        CHECK(tgt::encode(*request) == exchange.request());
        const auto wanted = answer_in(exchange.response());
        const auto answer = daemon.ask(*request, Deadline::in(std::chrono::seconds{1}));
        REQUIRE(answer);
        CHECK(answer->code == wanted.code);
        CHECK(answer->text == wanted.text);
        ++seen;
    }
    // tgtadm refuses two itself, and we never ask about drivers, nor for another one.
    CHECK(left_out == std::vector<std::string>{"target-show-all-no-lld", "lld-show",
                                               "err-target-new-tid0", "err-target-new-no-name",
                                               "err-target-new-unknown-lld"});
    CHECK(seen == 169);
}

namespace {

/// What the builders make of a recorded request's meaning.
const std::map<std::string, tgt::Request>& built() {
    using namespace tgt;
    static const std::map<std::string, Request> all{
        {"sys-show-empty", show_system()},
        {"target-show-all-empty", show_targets()},
        {"portal-show-default", show_portals()},
        {"account-show-empty", show_accounts()},
        {"target-new", make_target(1, "iqn.2016-06.com.example:disk1")},
        {"target-show-params-default", show_parameters(1)},
        {"target-delete-large-tid", remove_target(70000, false)},
        {"target-delete-force-active", remove_target(1, true)},
        {"bind-all", admit(1, "ALL")},
        {"bind-ipv6", admit(1, "2001:db8::7")},
        {"bind-name", admit(1, "iqn.1994-05.com.redhat:client1")},
        {"unbind-network", exclude(1, "198.51.100.0/24")},
        {"unbind-name", exclude(1, "iqn.1994-05.com.redhat:client1")},
        {"lun-new-sync-blocksize", make_unit(1, 3,
                                             {{"path", "/srv/iscsi/disk3.img"},
                                              {"bstype", "rdwr"},
                                              {"bsoflags", "sync"},
                                              {"blocksize", "4096"}})},
        {"lun-update-identity", set_unit(1, 1,
                                         {{"scsi_id", "disk1"},
                                          {"scsi_sn", "7a0c1b2d"},
                                          {"vendor_id", "EXAMPLE"},
                                          {"product_id", "SHARED-DISK"},
                                          {"product_rev", "0100"}})},
        {"lun-delete-aio", remove_unit(1, 3)},
        {"account-new", make_account("client1", Secret{"s3cretpassw0rd"})},
        {"account-bind-in", bind_account(1, "client1", false)},
        {"account-bind-out", bind_account(1, "server1", true)},
        {"account-unbind-in", unbind_account(1, "client1", false)},
        {"account-bind-discovery", bind_account(every_target, "client1", false)},
        {"account-unbind-discovery", unbind_account(every_target, "client1", false)},
        {"account-delete", remove_account("client1")},
        {"target-update-HeaderDigest-CRC32C", set_parameter(1, {"HeaderDigest", "CRC32C"})},
        {"target-offline-with-session", set_parameter(1, {"state", "offline"})},
        {"portal-new", make_portal("127.0.0.1:3270")},
        {"portal-delete-ipv6", remove_portal("[::1]:3271")},
        {"err-conn-delete-unknown-cid", end_connection(1, {.session = 11, .number = 7})}};
    return all;
}

}  // namespace

TEST_CASE("tgt: requests are tgtadm's, to the byte") {
    unsigned seen = 0;
    for (const auto& exchange : exchanges("exchanges.txt"))
        if (const auto ours = built().find(exchange.name()); ours != built().end()) {
            INFO(exchange.name());
            CHECK(tgt::encode(ours->second) == exchange.request());
            ++seen;
        }
    CHECK(seen == built().size());
}

TEST_CASE("tgt: what the daemon would misunderstand is not sent") {
    CHECK_THROWS_AS(tgt::make_unit(1, 1, {{"path", "/a,readonly=1"}}), Error);
    CHECK_THROWS_AS(tgt::set_unit(1, 1, {{"product_id", "a,b"}}), Error);
    CHECK_THROWS_AS(tgt::make_account("a,b", Secret{"long enough"}), Error);
    try {
        tgt::make_account("client", Secret{"s3cret,w0rd"});
        FAIL("taken");
    } catch (const Error& refused) {
        CHECK_THAT(refused.what(), ContainsSubstring("no comma"));
        CHECK_THAT(refused.what(), !ContainsSubstring("s3cret"));
    }
    tgt::Request longest{.mode = tgt::Mode::target, .op = tgt::Op::update, .target = 1};
    longest.text = std::string(tgt::largest_text - 1, 'a');
    CHECK(tgt::encode(longest).size() == 120 + tgt::largest_text);
    longest.text += 'a';
    CHECK_THROWS_AS(tgt::encode(longest), Error);
}

TEST_CASE("tgt: a list of targets is read whole") {
    const auto targets = tgt::parse_targets(whole(folder / "show/target-show-all-sessions.txt"));
    REQUIRE(targets.size() == 2);
    const auto& first = targets[0];
    CHECK(first.number == 1);
    CHECK(first.name == "iqn.2016-06.com.example:disk1");
    CHECK(first.state == "ready");
    CHECK(first.connections ==
          std::vector<tgt::Connection>{{10, 0, "iqn.1994-05.com.redhat:client1", "127.0.0.1"},
                                       {11, 0, "iqn.1994-05.com.redhat:client2", "127.0.0.1"}});
    REQUIRE(first.units.size() == 4);
    CHECK(first.units[3] == tgt::Unit{.number = 3,
                                      .type = "disk",
                                      .scsi_id = "IET     00010003",
                                      .serial = "beaf13",
                                      .block_size = 4096,
                                      .online = true,
                                      .read_only = false,
                                      .driver = "rdwr",
                                      .path = "/srv/iscsi/disk3.img",
                                      .flags = "sync"});
    CHECK(first.list == std::vector<std::string>{
                            "ALL", "iqn.1994-05.com.redhat:client2,initiator-address=192.0.2.9"});
    CHECK(targets[1].units.back().number == tgt::no_unit);

    const auto accounts = tgt::parse_targets(whole(folder / "show/target-show-all-accounts.txt"));
    CHECK(accounts[0].users == std::vector<std::string>{"client1"});
    CHECK(accounts[0].own_user == "server1");

    const auto offline = tgt::parse_targets(whole(folder / "show/target-show-all-offline.txt"));
    CHECK(offline[0].state == "offline");
    CHECK_FALSE(tgt::parse_targets(whole(folder / "show/target-show-all-lun-offline.txt"))[0]
                    .units[2]
                    .online);

    CHECK(tgt::parse_portals(whole(folder / "show/portal-show.txt")) ==
          std::vector<std::string>{"[::1]:3271", "127.0.0.1:3270", "[::]:3260", "0.0.0.0:3260"});
    CHECK(tgt::parse_accounts(whole(folder / "show/account-show.txt")) ==
          std::vector<std::string>{"server1", "client1"});
    CHECK(tgt::parse_discovery_users(whole(folder / "show/sys-show-discovery-account.txt")) ==
          std::vector<std::string>{"client1"});
    CHECK(tgt::parse_discovery_users(whole(folder / "show/sys-show-empty.txt")).empty());
    const auto parameters =
        tgt::parse_parameters(whole(folder / "show/target-show-params-changed.txt"));
    CHECK(parameters.front() == tgt::Parameter{"nop_interval", "5"});
    CHECK(parameters.size() == 26);
}

TEST_CASE("tgt: a list that is cut off or torn is refused or read as far as it goes, never more") {
    const auto text = whole(folder / "show/target-show-all-accounts.txt");
    const auto all = tgt::parse_targets(text);
    for (std::size_t length = 0; length < text.size(); ++length) try {
            const auto some = tgt::parse_targets(std::string_view{text}.substr(0, length));
            CHECK(some.size() <= all.size());
        } catch (const Error&) {
        }
    CHECK_THROWS_AS(tgt::parse_targets("    LUN information:\n"), Error);
    CHECK_THROWS_AS(tgt::parse_targets("Target one: iqn.2016-06.com.example:disk1\n"), Error);
    CHECK_THROWS_AS(tgt::parse_parameters("no sign\n"), Error);
}

namespace {

const std::string disk1 = "Target 1: iqn.2016-06.com.example:disk1\n";

std::string with_session(const std::string& initiator, const std::string& alias = "none",
                         const std::string& head = disk1) {
    return head +
           "    System information:\n        Driver: iscsi\n        State: ready\n"
           "    I_T nexus information:\n        I_T nexus: 5\n            Initiator: " +
           initiator + " alias: " + alias +
           "\n            Connection: 0\n                IP Address: 192.0.2.9\n"
           "    LUN information:\n        LUN: 1\n            Type: disk\n"
           "            Backing store path: /srv/iscsi/disk1.img\n"
           "    Account information:\n        client1\n"
           "    ACL information:\n        192.0.2.9\n";
}

// A whole target, as an initiator may say it, up to where the daemon goes on about its session.
std::string forged(const std::string& head) {
    return "iqn.x\n    LUN information:\n        LUN: 7\n    Account information:\n"
           "        nobody\n    ACL information:\n        ALL\n" +
           head +
           "    System information:\n        State: offline\n    I_T nexus information:\n"
           "        I_T nexus: 99\n            Initiator: iqn.y";
}

std::vector<tgt::Target> read(const std::string& text, std::set<std::int32_t> there) {
    return tgt::parse_targets(text, [&](std::int32_t number) { return there.contains(number); });
}

}  // namespace

TEST_CASE("tgt: what an initiator calls itself changes nothing in the list but its own session") {
    const auto usual = read(with_session("iqn.x"), {1});
    for (const auto& name :
         {std::string{"iqn.x\nline"}, std::string{"iqn.x\n    LUN information:\n        LUN: 7"},
          std::string{"iqn.x\n    ACL information:\n        ALL"},
          std::string{"iqn.x\n        I_T nexus: many\n            Connection: none"},
          forged("Target 9: iqn.2016-06.com.example:disk9\n"),
          forged("Target 9: iqn.2016-06.com.example:disk1\n"), forged("Target x: y\n")})
        for (const auto& text : {with_session(name), with_session("iqn.x", name)}) {
            INFO(text);
            const auto all = read(text, {1});
            REQUIRE(all.size() == 1);
            CHECK(all[0].name == usual[0].name);
            CHECK(all[0].state == usual[0].state);
            CHECK(all[0].units == usual[0].units);
            CHECK(all[0].users == usual[0].users);
            CHECK(all[0].list == usual[0].list);
        }
}

TEST_CASE("tgt: one that claims to be another target that is there is told, not believed") {
    const auto second = with_session("iqn.z", "none", "Target 2: iqn.2016-06.com.example:disk2\n");
    CHECK(read(with_session("iqn.x") + second, {1, 2}).size() == 2);
    for (const auto* head :
         {"Target 2: iqn.2016-06.com.example:disk2\n", "Target 1: iqn.other\n"}) {
        INFO(head);
        CHECK_THROWS_WITH(read(with_session(forged(head)) + second, {1, 2}),
                          ContainsSubstring("twice"));
    }
    // Whose number is lower comes first.
    CHECK_THROWS_AS(read(second + with_session("iqn.x"), {1, 2}), Error);
}
