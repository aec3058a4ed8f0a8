// SPDX-License-Identifier: GPL-2.0-or-later
// Targets of SCST's, on a tree that does what the real one was recorded to do.
#include "base/error.hpp"
#include "base/log.hpp"
#include "support/catch.hpp"
#include "support/scst_place.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Scst_place;
using Texts = std::vector<std::string>;

TEST_CASE("scst target: everybody is admitted, and nobody before it is complete") {
    Scst_place place;
    place.give_accounts();
    place.target.portals = {Portal::parse("10.0.0.7"), Portal::parse("[2001:db8::7]")};
    place.target.parameters = {Login_parameter::parse("HeaderDigest=CRC32C,None"),
                               Login_parameter::parse("QueuedCommands=64"),
                               Login_parameter::parse("NoSuchThing=1")};
    place.target.port_number = 7;
    place.scst.before = [&](const Scst_tree::Path& path, std::string_view) {
        CHECK(place.scst.is_locked);
        if (path != place.at("enabled")) return;
        CHECK(place.value(place.at("IncomingUser")) == "client s3cretpassw0rd");
        CHECK(place.value(place.at("OutgoingUser")) == "server 0therpassw0rd");
        CHECK(place.value(place.at("allowed_portal")) == "10.0.0.7");
        CHECK(place.value(place.at("allowed_portal1")) == "2001:db8::7");
        CHECK(place.value(place.at("QueuedCommands")) == "64");
        CHECK(place.value(place.at("rel_tgt_id")) == "7");
    };
    CHECK(place.start() == Change::made);
    CHECK(place.value("targets/iscsi/enabled") == "1");
    CHECK(place.start() == Change::none);
    place.node.connections.portals = [] {
        return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260},
                                     {.ip = Ip::parse("::"), .port = 3260}};
    };
    CHECK(place.faults() == Texts{});
    place.scst.before = [](const Scst_tree::Path&, std::string_view) {};
    CHECK(place.stop() == Change::made);
    CHECK_FALSE(place.scst.has("targets/iscsi/" + std::string{Scst_place::name}));
    CHECK(place.stop() == Change::none);
}

TEST_CASE("scst target: from everybody to a list and back, with units and sessions") {
    Scst_place place;
    REQUIRE(place.start() == Change::made);
    REQUIRE(place.start_unit() == Change::made);
    place.scst.log_in(Scst_place::name, Scst_place::host);
    place.scst.log_in(Scst_place::name, Scst_place::other);

    place.target.initiators = {Scst_place::iqn(Scst_place::host)};
    CHECK(place.faults() == Texts{"there is no list of initiators: everybody is admitted"});
    CHECK(place.reload() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.unit_faults().empty());
    CHECK(place.scst.sessions(Scst_place::name) == Texts{Scst_place::host});
    CHECK(place.scst.names(place.at("luns")) == Texts{"mgmt"});
    CHECK(place.scst.names(place.at("ini_groups/allowed/luns")) == Texts{"1", "mgmt"});

    place.target.initiators = {Scst_place::iqn(Scst_place::host),
                               Scst_place::iqn(Scst_place::other)};
    CHECK(place.faults() == Texts{"access for iqn.2026-01.org.example:other is missing"});
    CHECK(place.reload() == Change::made);
    CHECK(place.reload() == Change::none);

    place.target.initiators.clear();
    CHECK(place.faults() == Texts{"there is a list of initiators, but none is wanted"});
    CHECK(place.reload() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.unit_faults().empty());
    CHECK(place.scst.names(place.at("ini_groups")) == Texts{"mgmt"});
    CHECK(place.scst.sessions(Scst_place::name) == Texts{Scst_place::host});
}

TEST_CASE("scst target: accounts change one after the other, and never to none") {
    Scst_place place;
    place.give_accounts();
    REQUIRE(place.start() == Change::made);
    place.scst.before = [&](const Scst_tree::Path&, std::string_view) {
        const auto names = place.scst.names(place.at(""));
        CHECK(std::any_of(names.begin(), names.end(),
                          [](const auto& one) { return one.starts_with("IncomingUser"); }));
    };
    place.target.credentials->initiator.password = Secret{"an0thersecret"};
    CHECK(place.faults() == Texts{"IncomingUser \"client\" has another password"});
    CHECK(place.reload() == Change::made);
    place.target.credentials = {{"somebody", Secret{"an0thersecret"}},
                                Chap_account{"server2", Secret{"0therpassw0rd"}}};
    CHECK(place.faults() ==
          Texts{"IncomingUser \"client\" is not wanted", "OutgoingUser \"server\" is not wanted"});
    CHECK(place.reload() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.reload() == Change::none);
    place.scst.before = [](const Scst_tree::Path&, std::string_view) {};
    place.target.credentials.reset();
    CHECK(place.reload() == Change::made);
    CHECK_FALSE(place.scst.has(place.at("IncomingUser1")));
    CHECK(place.faults() == Texts{});
    // What SCST has spoilt is said, and goes with the target.
    place.scst.write("targets/iscsi/mgmt", "add_target_attribute " + std::string{place.name} +
                                               " OutgoingUser a aaaaaaaaaaaa");
    place.scst.write("targets/iscsi/mgmt", "add_target_attribute " + std::string{place.name} +
                                               " OutgoingUser b bbbbbbbbbbbb");
    CHECK_THROWS_WITH(place.faults(), ContainsSubstring("only a stop of the target ends that"));
    CHECK(place.stop() == Change::made);
    CHECK(place.start() == Change::made);
    CHECK(place.faults() == Texts{});
}

TEST_CASE("scst target: no secret is in what is logged or thrown") {
    Scst_place place;
    place.give_accounts();
    std::string said;
    san::log::set_sink([&](san::log::Level, std::string_view line) { said += line; });
    place.scst.refuses = {"add_target_attribute"};
    try {
        place.start();
        CHECK(false);
    } catch (const Error& failure) {
        said += failure.what();
    }
    place.scst.refuses.clear();
    place.start();
    san::log::set_sink({});
    for (const auto& step : place.node.bounded.steps) said += step;
    CHECK(said.find("client") != std::string::npos);
    CHECK(said.find("passw0rd") == std::string::npos);
}

TEST_CASE("scst target: discovery asks for one account of the node, while it has targets") {
    Scst_place place;
    place.target.discovery = Chap_account{"finder", Secret{"f1ndersecret"}};
    CHECK(place.start() == Change::made);
    CHECK(place.faults() == Texts{});
    CHECK(place.value("targets/iscsi/IncomingUser") == "finder f1ndersecret");
    auto second = place.target;
    second.iqn = Scst_place::iqn("iqn.2026-01.org.example:disk2");
    second.discovery = Chap_account{"another", Secret{"f1ndersecret"}};
    CHECK_THROWS_WITH(scst_actions::start(second, place.node.system, Scst_place::soon()),
                      ContainsSubstring("expected \"finder\""));
    second.discovery = place.target.discovery;
    CHECK(scst_actions::start(second, place.node.system, Scst_place::soon()) == Change::made);
    CHECK(place.stop() == Change::made);
    CHECK(place.scst.has("targets/iscsi/IncomingUser"));
    scst_actions::stop({.iqn = second.iqn, .discovery_user = "finder"}, place.node.system,
                       Scst_place::soon());
    CHECK_FALSE(place.scst.has("targets/iscsi/IncomingUser"));
}

TEST_CASE("scst target: stop closes sessions, and says which one does not end") {
    Scst_place place;
    REQUIRE(place.start() == Change::made);
    REQUIRE(place.start_unit() == Change::made);
    place.scst.log_in(Scst_place::name, Scst_place::host, 3);
    place.scst.stuck = {"p_test"};
    CHECK_THROWS_WITH(
        scst_actions::stop(place.target_place(), place.node.system, Deadline::in(300ms)),
        ContainsSubstring("time is up while waiting for session "
                          "iqn.2026-01.org.example:host to end, which has 3"));
    CHECK(place.value(place.at("enabled")) == "0");
    place.scst.stuck.clear();
    CHECK(place.stop() == Change::made);
    CHECK_FALSE(place.scst.has(place.at("")));
    CHECK(place.scst.has("devices/p_test"));
}

TEST_CASE("scst target: a dead daemon has no targets; one that hangs is waited for in bounds") {
    Scst_place place;
    REQUIRE(place.start() == Change::made);
    place.scst.kill_daemon();
    CHECK_FALSE(scst_target::exists(place.target.iqn, place.scst));
    CHECK(place.stop() == Change::none);
    place.node.commands.on({"iscsi-scstd"}).does([&] { place.scst.start_daemon(); });
    CHECK(place.start() == Change::made);
    CHECK(place.node.commands.asked == Texts{"iscsi-scstd"});
    CHECK(place.stop() == Change::made);
    place.scst.daemon_hangs = true;
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("target added: Device or resource busy"));
}

TEST_CASE("scst target: modules and daemon are started where they are missing") {
    Scst_place place;
    test::Node node;
    auto& commands = node.commands;
    commands.on({"modprobe", "iscsi-scst"}).does([&] { node.scst.load(); });
    commands.on({"/usr/local/sbin/iscsi-scstd"}).does([&] { node.scst.start_daemon(); });
    commands.uninstall("iscsi-scstd");
    CHECK(scst_actions::start(place.target, node.system, Scst_place::soon()) == Change::made);
    CHECK(commands.asked == Texts{"modprobe iscsi-scst", "/usr/local/sbin/iscsi-scstd"});
    node.scst.files["/disk"] = {.bytes = 4096};
    commands.on({"modprobe", "scst_vdisk"}).does([&] { node.scst.load_handlers(); });
    CHECK(scst_actions::start(place.unit, node.system, Scst_place::soon()) == Change::made);
    CHECK(node.files.is_directory("/var/lib/scst/pr"));

    test::Node bare;
    bare.commands.on({"modprobe"}).exits(1).complains("not found");
    CHECK_THROWS_WITH(scst_actions::start(place.target, bare.system, Scst_place::soon()),
                      ContainsSubstring("kernel module iscsi-scst: not found"));
    CHECK(scst_actions::stop(place.target_place(), bare.system, Scst_place::soon()) ==
          Change::none);
    CHECK(scst_actions::stop(place.place(), bare.system, Scst_place::soon()) == Change::none);
}

TEST_CASE("scst target: what it has no place for is refused") {
    const auto refuse = [](const std::function<void(Target&)>& change) {
        Scst_place place;
        change(place.target);
        CHECK_THROWS_AS(scst_target::check(place.target), Error);
    };
    scst_target::check(Scst_place{}.target);
    refuse([](Target& one) { one.iser = one.portals; });
    refuse([](Target& one) { one.networks = {"10.0.0.0/8"}; });
    refuse([](Target& one) { one.parameters = {{"enabled", "0"}}; });
    refuse([](Target& one) { one.parameters = {{"per_portal_acl", "1"}}; });
    refuse([](Target& one) { one.discovery = Chap_account{"a", Secret{"short"}}; });
    refuse([](Target& one) { one.discovery = Chap_account{"a b", Secret{"longpassword"}}; });
    refuse([](Target& one) {
        one.credentials = Chap_credentials{{"a", Secret{"long pass word"}}, {}};
    });
}
