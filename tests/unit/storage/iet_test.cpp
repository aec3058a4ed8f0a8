// SPDX-License-Identifier: GPL-2.0-or-later
// Targets and units of IET, on one that answers as its sources describe it.
#include "base/error.hpp"
#include "kernel/iet_requests.hpp"
#include "storage/iet_target.hpp"
#include "storage/iet_unit.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

Iscsi_name iqn(const std::string& text) { return Iscsi_name::parse(text); }
const auto name = "iqn.2026-01.org.example:disk1";
const auto other = "iqn.2026-01.org.example:disk2";
const auto host = "iqn.2026-01.org.example:host";
const auto allow = "/etc/iet/initiators.allow";

struct Place {
    Place() {
        node.iet.is_loaded = true;
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
        node.files.replace("/disk", "x");
        node.iet.files = {"/disk", "/theirs"};
    }

    test::Node node;
    test::Fake_iet& module = node.iet;
    Target target{.iqn = iqn(name), .portals = {Portal::parse("10.0.0.7")}};
    Logical_unit unit{.name = "p_test",
                      .target = iqn(name),
                      .lun = Lun_number::parse("0"),
                      .path = Backing_path::parse("/disk"),
                      .serial = Scsi_serial::parse("0123abcd"),
                      .tgt = {.scsi_id = "p_test"}};

    static Deadline soon() { return Deadline::in(5s); }
    Change start() { return iet_target::start(target, node.system, soon()); }
    Change reload() { return iet_target::reload(target, node.system, soon()); }
    Change stop(const Deadline& deadline = soon()) {
        return iet_target::stop({.iqn = target.iqn}, node.system, deadline);
    }
    Texts faults() { return iet_target::faults(target, node.system, soon()); }
    Change start_unit() { return iet_unit::start(unit, node.system, soon()); }
    Unit_place unit_place() const {
        return {.name = unit.name, .target = unit.target, .lun = unit.lun, .path = unit.path};
    }
    Change stop_unit(const Deadline& deadline = soon()) {
        return iet_unit::stop(unit_place(), node.system, deadline);
    }
    Texts unit_faults() { return iet_unit::faults(unit, node.system, soon()); }
    test::Fake_iet::Target& made() { return *module.find(name); }
    std::string lets_in() { return node.files.find(allow).value_or(""); }
    void give_accounts() {
        target.credentials =
            Chap_credentials{{"client", Secret{"s3cret"}}, Chap_account{"server", Secret{"0ther"}}};
    }
    void log_in(std::uint64_t session, const std::string& initiator) {
        made().sessions.push_front(
            {.number = session, .initiator = initiator, .address = "10.0.0.1"});
    }
    unsigned count(const std::string& words) {
        unsigned found = 0;
        for (const auto& one : module.asked)
            if (text::joined(one.words, " ").starts_with(words)) ++found;
        return found;
    }
};

/// Dies before the change of that number, of the module or of a file.
struct Killed {};
void kill_before(Place& place, int change) {
    const auto left = std::make_shared<int>(change);
    place.module.before = [left](const std::string&) {
        if (--*left < 0) throw Killed{};
    };
    place.node.bounded.before = [left] {
        if (--*left < 0) throw Killed{};
    };
}
void let_live(Place& place) {
    place.module.before = [](const std::string&) {};
    place.node.bounded.before = [] {};
}

}  // namespace

TEST_CASE("iet target: nobody is let in before it is complete") {
    Place place;
    place.give_accounts();
    place.target.initiators = {iqn(host)};
    place.target.parameters = {{"MaxConnections", "4"}};
    unsigned looked = 0;
    place.module.before = [&](const std::string&) {
        CHECK(place.lets_in() == std::string{name} + " NONE\nALL ALL\n");
        ++looked;
    };
    CHECK(place.start() == Change::made);
    CHECK(looked == 4);
    CHECK(place.lets_in() == std::string{name} + " iqn\\.2026-01\\.org\\.example:host\nALL ALL\n");
    CHECK(place.made().number == 1);
    CHECK(place.made().login_parameters.at("MaxConnections") == "4");
    CHECK(place.module.accounts ==
          std::deque<test::Fake_iet::Account>{{1, true, "server", "0ther"},
                                              {1, false, "client", "s3cret"}});
    CHECK(place.faults() == Texts{});
    let_live(place);
    CHECK(place.start() == Change::none);
    for (const auto& one : place.module.asked)
        for (const auto& word : one.words) {
            CHECK_THAT(word, !ContainsSubstring("s3cret"));
            CHECK_THAT(word, !ContainsSubstring("0ther"));
        }
}

TEST_CASE("iet target: a list that changes leaves those alone who stay") {
    Place place;
    place.start();
    place.log_in(1, host);
    place.log_in(2, other);
    place.target.initiators = {iqn(host)};
    CHECK(place.faults() == Texts{"access for iqn\\.2026-01\\.org\\.example:host is missing",
                                  "ALL is admitted, but in no list"});
    place.module.before = [&](const std::string& deed) {
        CHECK(deed == "--op delete --tid=1 --sid=2 --cid=0");
        CHECK_THAT(place.lets_in(), ContainsSubstring("example:host"));
    };
    CHECK(place.reload() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.made().sessions.back().number == 1);
    CHECK_FALSE(place.made().sessions.back().is_closing);
    CHECK(place.made().sessions.front().is_closing);
    let_live(place);
    place.stop();
    CHECK_THROWS_WITH(place.reload(), ContainsSubstring("is not running"));
}

TEST_CASE("iet target: a password that changes does so behind a closed door") {
    Place place;
    place.give_accounts();
    place.start();
    place.target.credentials->initiator.password = Secret{"an0ther"};
    CHECK(place.faults() == Texts{"account \"client\" has another password"});
    place.module.accounts.push_front({1, false, "stranger", "x"});
    place.module.accounts.push_front({1, false, "client", "old"});
    place.module.accounts.push_front({7, false, "theirs", "y"});
    CHECK(place.faults().size() == 3);
    unsigned looked = 0;
    place.module.before = [&](const std::string&) {
        CHECK_THAT(place.lets_in(), ContainsSubstring("NONE"));
        ++looked;
    };
    place.reload();
    CHECK(looked == 4);
    CHECK(place.faults() == Texts{});
    CHECK(place.module.accounts.size() == 3);
    CHECK(place.module.accounts.front().password == "an0ther");
    place.target.credentials.reset();
    CHECK(place.faults() ==
          Texts{"account \"client\" is not wanted", "own account \"server\" is not wanted"});
    place.reload();
    CHECK(place.module.accounts.size() == 1);
}

TEST_CASE("iet target: of a version that takes passwords on a command line, no accounts") {
    Place place;
    place.module.version = "1.4.19";
    CHECK(place.start() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.stop() == Change::made);
    place.give_accounts();
    try {
        place.start();
        FAIL("started");
    } catch (const Error& refused) {
        CHECK(refused.kind() == Kind::not_installed);
        CHECK_THAT(refused.what(), ContainsSubstring("incoming_username=\"client\": expected IET"));
    }
    CHECK(place.module.targets.empty());
    CHECK(place.stop() == Change::none);
}

TEST_CASE("iet target: a number that is given, taken, found, or taken meanwhile") {
    Place place;
    place.module.targets.push_front({.number = 6, .name = "iqn.x:theirs"});
    CHECK(place.start() == Change::made);
    CHECK(place.made().number == 7);
    place.target.number = 8;
    CHECK(place.faults() == Texts{"its number is 7 instead of 8"});
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("has the number 7: expected tid=8"));
    place.target.iqn = iqn(other);
    place.target.number = 6;
    try {
        place.start();
        FAIL("taken");
    } catch (const Error& refused) {
        CHECK(refused.kind() == Kind::wrong_on_this_node);
        CHECK_THAT(refused.what(), ContainsSubstring("tid=\"6\": expected a number that iqn.x"));
    }
    place.target.number.reset();
    place.module.before = [&](const std::string&) {
        if (place.module.find("iqn.x:faster")) return;
        place.module.targets.push_front({.number = 8, .name = "iqn.x:faster"});
    };
    CHECK(place.start() == Change::made);
    CHECK(place.module.find(other)->number == 9);
}

TEST_CASE("iet target: parameters that IET leaves out without a word are refused by name") {
    Place place;
    place.target.parameters = {{"QueuedCommands", "64"}, {"Colour", "blue"}};
    CHECK(place.start() == Change::made);
    CHECK(place.made().parameters.at("QueuedCommands") == "64");
    for (const auto* value : {"0", "many"}) {
        place.target.parameters = {{"Wthreads", value}};
        CHECK_THROWS_WITH(place.start(), ContainsSubstring("additional_parameters=\"Wthreads="));
    }
    place.target.parameters = {{"HeaderDigest", "None,CRC32C"}};
    CHECK_THROWS_WITH(iet_target::check(place.target), ContainsSubstring("expected no comma"));
}

TEST_CASE("iet target: what it has no place for is refused by name") {
    const auto refused = [](const std::function<void(Target&)>& spoil, const std::string& reason) {
        Target target{.iqn = iqn(name), .portals = {}};
        spoil(target);
        CHECK_THROWS_WITH(iet_target::check(target), ContainsSubstring(reason));
    };
    refused([](auto& target) { target.iser = {Portal::parse("10.0.0.7")}; }, "iser_portals=");
    refused([](auto& target) { target.port_number = 3; }, "rtpi=\"3\"");
    refused(
        [](auto& target) {
            target.discovery = Chap_account{"a", Secret{"b"}};
        },
        "discovery_username=\"a\"");
    Place place;
    place.target.portals = {Portal::parse("10.0.0.7:3261")};
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("portals=\"10.0.0.7:3261\": expected one"));
    CHECK(place.module.targets.empty());
    CHECK(place.lets_in() == "ALL ALL\n");
}

TEST_CASE("iet target: stop ends sessions, waits for them, and takes its line away") {
    Place place;
    CHECK(place.stop() == Change::none);
    place.give_accounts();
    place.start();
    place.start_unit();
    place.log_in(1, host);
    place.module.targets.push_front({.number = 6, .name = "iqn.x:theirs"});
    CHECK(place.stop() == Change::made);
    CHECK(place.module.targets.size() == 1);
    CHECK(place.module.accounts.empty());
    CHECK(place.lets_in() == "ALL ALL\n");
    CHECK(place.count("--op delete --tid=1 --sid=1") == 1);
    CHECK(place.stop() == Change::none);
}

TEST_CASE("iet target: a session that does not end fails the stop at its deadline, by name") {
    Place place;
    place.start();
    place.log_in(1, host);
    place.made().sessions.front().is_stuck = true;
    CHECK_THROWS_WITH(place.stop(Deadline::in(350ms)),
                      ContainsSubstring(std::string{"waiting for the session of \""} + host));
    // Asked to end once, however long it takes; nobody else comes in.
    CHECK(place.count("--op delete --tid=1 --sid=1") == 1);
    CHECK_THAT(place.lets_in(), ContainsSubstring(" NONE\n"));
    CHECK_FALSE(place.faults().empty());
    place.made().sessions.front().is_stuck = false;
    CHECK(place.stop() == Change::made);
    CHECK(place.module.targets.empty());
}

TEST_CASE("iet target: an initiator whose name reads like the module's lines holds up no stop") {
    Place place;
    place.start();
    place.log_in(1, host);
    // What follows in the list seems to be another target's.
    place.log_in(2, "iqn.x\ntid:9 name:iqn.y\n\tsid:77 initiator:iqn.z");
    CHECK(place.stop() == Change::made);
    CHECK(place.module.targets.empty());
}

TEST_CASE("iet: without a module, without ietd, without an answer") {
    Place place;
    place.start();
    place.start_unit();
    place.module.is_locked = true;
    CHECK_THROWS_WITH(place.faults(), ContainsSubstring("time is up"));
    CHECK_THROWS_WITH(place.stop(), ContainsSubstring("time is up"));
    CHECK_THROWS_WITH(place.stop_unit(), ContainsSubstring("time is up"));
    place.module.is_locked = false;
    place.module.answers = false;
    CHECK_THROWS_WITH(place.faults(), ContainsSubstring("ietd does not answer"));
    CHECK_THROWS_WITH(place.stop(), ContainsSubstring("did not finish"));
    CHECK_THROWS_WITH(place.stop_unit(), ContainsSubstring("did not finish"));
    place.module.answers = true;
    // With ietd the module's targets end.
    place.module.end();
    CHECK_FALSE(iet_target::exists(iqn(name), place.node.system, Place::soon()));
    CHECK_FALSE(iet_unit::exists(place.unit_place(), place.node.system, Place::soon()));
    CHECK(place.stop_unit() == Change::none);
    place.stop();
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("ietd is not running"));
    place.module.is_loaded = false;
    CHECK(place.stop() == Change::none);
    try {
        place.start();
        FAIL("started");
    } catch (const Error& failure) {
        CHECK(failure.kind() == Kind::not_installed);
    }
}

TEST_CASE("iet target: killed before any of its changes, start finishes it and stop removes it") {
    for (const bool by_start : {true, false})
        for (const bool then_start : {true, false}) {
            int change = 0;
            for (bool went_through = false; !went_through; ++change) {
                Place place;
                place.give_accounts();
                place.target.initiators = {iqn(host)};
                place.target.parameters = {{"MaxConnections", "4"}};
                if (!by_start) {
                    place.start();
                    place.log_in(1, host);
                }
                kill_before(place, change);
                try {
                    by_start ? place.start() : place.stop();
                    went_through = true;
                } catch (const Killed&) {
                }
                let_live(place);
                INFO((by_start ? "start" : "stop") << " killed before change " << change);
                // At no time a stranger gets in: there is a line for it, or no target.
                if (!went_through && place.module.find(name))
                    CHECK_THAT(place.lets_in(), ContainsSubstring(name));
                if (then_start) {
                    place.start();
                    CHECK(place.faults() == Texts{});
                }
                place.stop();
                CHECK(place.module.targets.empty());
                CHECK(place.module.accounts.empty());
                CHECK(place.lets_in() ==
                      (by_start && change == 0 && !then_start ? "" : "ALL ALL\n"));
            }
            CHECK(change > (by_start ? 6 : 4));
        }
}

TEST_CASE("iet unit: made with its identity in one request, found, and removed") {
    Place place;
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("expected to be started before"));
    place.start();
    place.unit.block_size = Block_size::parse("512");
    CHECK_FALSE(iet_unit::exists(place.unit_place(), place.node.system, Place::soon()));
    CHECK(place.start_unit() == Change::made);
    CHECK(place.count("--op new --tid=1 --lun=0") == 1);
    CHECK(place.unit_faults() == Texts{});
    const auto& made = place.made().units.front();
    CHECK(made.keys.at("scsisn") == "0123abcd");
    CHECK(made.keys.at("scsiid") == "p_test");
    CHECK(made.type == "fileio");
    CHECK(made.mode == "wt");
    CHECK(place.start_unit() == Change::none);
    // What only a unit made anew can have.
    place.unit.write_cache = true;
    CHECK(place.unit_faults() == Texts{"mode is \"wt\" instead of \"wb\""});
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults() == Texts{});
    place.unit.type = Backing::Type::block;
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults() == Texts{});
    CHECK(place.made().units.front().type == "blockio");
    CHECK(place.made().counted_units == 1);
    CHECK(place.stop_unit() == Change::made);
    CHECK(place.stop_unit() == Change::none);
    CHECK(place.unit_faults() == Texts{"LUN 0 of iqn.2026-01.org.example:disk1 is missing"});
}

TEST_CASE("iet unit: another one's number is neither taken nor removed") {
    Place place;
    place.start();
    place.module.ask(iet::make_unit(1, 0, {{"Path", "/theirs"}}), Place::soon());
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("is another unit, \"/theirs\""));
    CHECK(place.stop_unit() == Change::none);
    CHECK(place.made().units.size() == 1);
    CHECK_FALSE(iet_unit::exists(place.unit_place(), place.node.system, Place::soon()));
}

TEST_CASE("iet unit: a command at work is waited for, and the unit removed once") {
    Place place;
    place.start();
    place.start_unit();
    place.made().units.front().in_use = true;
    CHECK_THROWS_WITH(
        place.stop_unit(Deadline::in(250ms)),
        ContainsSubstring("waiting for a command of LUN 0 of " + std::string{name} + ", /disk"));
    CHECK(iet_unit::exists(place.unit_place(), place.node.system, Place::soon()));
    CHECK(place.unit_faults() == Texts{"it was removed, but for commands that are at work"});
    CHECK_THROWS_WITH(place.stop_unit(Deadline::in(250ms)), ContainsSubstring("a command of"));
    CHECK(place.made().counted_units == 0);
    CHECK(place.count("--op delete --tid=1 --lun=0") == 1);
    // The next start waits for it as well.
    CHECK_THROWS_WITH(iet_unit::start(place.unit, place.node.system, Deadline::in(250ms)),
                      ContainsSubstring("a command of"));
    place.made().units.clear();
    CHECK(place.stop_unit() == Change::none);
}

TEST_CASE("iet unit: a command whose data never comes goes with its session") {
    Place place;
    place.start();
    place.start_unit();
    place.log_in(1, host);
    place.made().units.front().in_use = true;
    place.module.before = [&](const std::string& deed) {
        if (deed == "--op delete --tid=1 --sid=1 --cid=0") place.made().units.clear();
    };
    CHECK(place.stop_unit() == Change::made);
    CHECK(place.count("--op delete --tid=1 --lun=0") == 1);
}

TEST_CASE("iet unit: what it cannot have is refused before anything is made") {
    Place place;
    place.start();
    const auto refused = [&](const std::function<void(Logical_unit&)>& spoil,
                             const std::string& reason) {
        auto unit = place.unit;
        spoil(unit);
        CHECK_THROWS_WITH(iet_unit::check(unit), ContainsSubstring(reason));
    };
    refused([](auto& unit) { unit.initiators = {iqn(host)}; }, "allowed_initiators=");
    refused([](auto& unit) { unit.serial = Scsi_serial::parse(std::string(33, 'a')); },
            "expected at most 32");
    refused([](auto& unit) { unit.tgt.scsi_id = std::string(17, 'a'); }, "expected at most 16");
    refused([](auto& unit) { unit.tgt.scsi_id = "a,b"; }, "scsi_id=\"a,b\": expected no comma");
    refused([](auto& unit) { unit.attributes = {Device_attribute::parse("Path=/x")}; },
            "additional_parameters=\"Path=/x\": expected none");

    place.unit.attributes = {Device_attribute::parse("colour=blue")};
    CHECK_THROWS_WITH(place.start_unit(),
                      ContainsSubstring("additional_parameters=\"colour=blue\": expected"));
    place.unit.attributes = {Device_attribute::parse("IOMode=ro")};
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults() == Texts{});
    CHECK(place.made().units.front().mode == "ro");
    place.stop_unit();
    place.unit.path = Backing_path::parse("/missing");
    try {
        place.start_unit();
        FAIL("made");
    } catch (const Error& failure) {
        CHECK(failure.kind() == Kind::wrong_on_this_node);
        CHECK_THAT(failure.what(), ContainsSubstring("path=\"/missing\": expected a block device"));
    }
}

TEST_CASE("iet unit: killed before any of its changes, start finishes it and stop removes it") {
    for (const bool by_start : {true, false})
        for (int change = 0; change < 2; ++change) {
            Place place;
            place.start();
            if (!by_start) place.start_unit();
            kill_before(place, change);
            try {
                by_start ? place.start_unit() : place.stop_unit();
                CHECK(change == 1);
            } catch (const Killed&) {
            }
            let_live(place);
            place.start_unit();
            CHECK(place.unit_faults() == Texts{});
            place.stop_unit();
            CHECK(place.made().units.empty());
        }
}
