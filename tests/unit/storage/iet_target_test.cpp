// SPDX-License-Identifier: GPL-2.0-or-later
// Targets of IET, on one that answers as its sources describe it.
#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/iet_place.hpp"

using namespace san;
using namespace test::iet_place;

TEST_CASE("iet target: nobody is let in before it is complete") {
    Place place;
    place.give_accounts();
    place.target.initiators = {iqn(host)};
    place.target.parameters = {{"MaxConnections", "4"}};
    unsigned looked = 0;
    place.module.before = [&](const std::string&) {
        CHECK(place.lets_in() == std::string{name} + " ,\nALL ALL\n");
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
        CHECK_THAT(place.lets_in(), ContainsSubstring(" ,\n"));
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

TEST_CASE("iet target: values for which IET would take others are refused by name") {
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
    CHECK_THAT(place.lets_in(), ContainsSubstring(" ,\n"));
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
    CHECK_THROWS_WITH(place.stop_unit(), ContainsSubstring("ietd does not answer"));
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
