// SPDX-License-Identifier: GPL-2.0-or-later
// Targets and units of tgtd, on a daemon that answers as the real one was recorded.
#include "base/error.hpp"
#include "kernel/tgt_requests.hpp"
#include "storage/tgt_target.hpp"
#include "storage/tgt_unit.hpp"
#include "support/catch.hpp"
#include "support/fake_tgt.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

Iscsi_name iqn(const std::string& text) { return Iscsi_name::parse(text); }
const auto name = "iqn.2026-01.org.example:disk1";
const auto other = "iqn.2026-01.org.example:disk2";
const auto host = "iqn.2026-01.org.example:host";

struct Place {
    Place() { daemon.files["/disk"] = 64 << 20; }

    test::Fake_tgtd daemon;
    test::Fake_root root;
    Files files{root.path()};
    Target target{.iqn = iqn(name), .portals = {Portal::parse("0.0.0.0")}};
    Logical_unit unit{.name = "p_test",
                      .target = iqn(name),
                      .lun = Lun_number::parse("1"),
                      .path = Backing_path::parse("/disk"),
                      .serial = Scsi_serial::parse("0123abcd")};

    static Deadline soon() { return Deadline::in(5s); }
    Change start() { return tgt_target::start(target, daemon, soon()); }
    Change reload() { return tgt_target::reload(target, daemon, soon()); }
    Change stop() {
        return tgt_target::stop({.iqn = target.iqn, .portals = target.portals}, daemon, soon());
    }
    std::vector<std::string> faults() { return tgt_target::faults(target, daemon, soon()); }
    Change start_unit() { return tgt_unit::start(unit, daemon, files, soon()); }
    Unit_place unit_place() const {
        return {.name = unit.name,
                .target = unit.target,
                .lun = unit.lun,
                .path = unit.path,
                .serial = unit.serial};
    }
    Change stop_unit() { return tgt_unit::stop(unit_place(), daemon, soon()); }
    std::vector<std::string> unit_faults() { return tgt_unit::faults(unit, daemon, soon()); }
    test::Fake_tgtd::Target& made() {
        for (auto& [number, one] : daemon.targets)
            if (one.name == name) return one;
        throw std::logic_error{"there is no such target"};
    }
    void give_accounts() {
        target.credentials =
            Chap_credentials{{"client", Secret{"s3cret"}}, Chap_account{"server", Secret{"0ther"}}};
    }
};

using Texts = std::vector<std::string>;

bool changes(const tgt::Request& request) { return request.op != tgt::Op::show; }

/// Dies before the change of that number, as a process that is killed.
struct Killed {};
void kill_before(test::Fake_tgtd& daemon, int change) {
    daemon.before = [change](const tgt::Request& request) mutable {
        if (changes(request) && --change < 0) throw Killed{};
    };
}
void let_live(test::Fake_tgtd& daemon) {
    daemon.before = [](const tgt::Request&) {};
}

}  // namespace

TEST_CASE("tgt target: everybody or a list, and nobody before it is complete") {
    Place place;
    place.give_accounts();
    place.daemon.before = [&](const tgt::Request& request) {
        if (request.op != tgt::Op::bind || request.mode != tgt::Mode::target) return;
        const auto& target = place.made();
        CHECK(target.users == Texts{"client"});
        CHECK(target.own_user == "server");
    };
    CHECK(place.start() == Change::made);
    CHECK(place.made().addresses == Texts{"ALL"});
    CHECK(place.made().number == tgt_target::default_number(iqn(name)));
    CHECK(place.faults().empty());

    place.target.initiators = {iqn(host)};
    CHECK(place.faults() == Texts{"access for iqn.2026-01.org.example:host is missing",
                                  "ALL is admitted, but in no list"});
    place.made().connections = {{1, 0, host, "10.0.0.1"}, {2, 0, other, "10.0.0.2"}};
    CHECK(place.reload() == Change::made);
    CHECK(place.made().addresses.empty());
    CHECK(place.made().names == Texts{host});
    CHECK(place.faults().empty());
    // Who is still in the list has not noticed.
    CHECK(place.made().connections == std::vector<tgt::Connection>{{1, 0, host, "10.0.0.1"}});
}

TEST_CASE("tgt target: networks beside names") {
    Place place;
    place.target.initiators = {iqn(host)};
    place.target.networks = {"10.0.0.0/24"};
    CHECK(place.start() == Change::made);
    CHECK(place.made().addresses == Texts{"10.0.0.0/24"});
    CHECK(place.made().names == Texts{host});
    CHECK(place.faults().empty());
    place.made().connections = {{2, 0, other, "10.0.0.2"}};
    place.reload();
    CHECK(place.made().connections.size() == 1);
    for (const auto* good : {"10.0.0.7", "10.0.0.0/24", "2001:db8::/64", "::1"})
        CHECK(Initiator_entry::parse(good).network == good);
    for (const auto* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0", "host", "ALL"})
        CHECK_THROWS_AS(Initiator_entry::parse(bad), Error);
}

TEST_CASE("tgt target: a number that is given, taken or found") {
    Place place;
    place.target.number = 7;
    CHECK(place.start() == Change::made);
    CHECK(place.made().number == 7);
    place.target.number = 8;
    CHECK(place.faults() == Texts{"its number is 7 instead of 8"});
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("has the number 7: expected tid=8"));
    place.target.iqn = iqn(other);
    place.target.number = 7;
    try {
        place.start();
        FAIL("taken");
    } catch (const Error& refused) {
        CHECK(refused.kind() == Kind::wrong_on_this_node);
        CHECK_THAT(refused.what(), ContainsSubstring("tid=\"7\""));
    }
    // One that follows from the name makes way for whoever is there.
    place.target.number.reset();
    const auto number = tgt_target::default_number(iqn(other));
    place.daemon.targets[number].number = number;
    place.daemon.targets[number].name = "iqn.x:in-the-way";
    CHECK(place.start() == Change::made);
    CHECK(place.daemon.targets.at(number + 1).name == other);
}

TEST_CASE("tgt target: parameters, of which unknown ones are passed over and wrong ones refused") {
    Place place;
    place.target.parameters = {
        {"MaxQueueCmd", "64"}, {"HeaderDigest", "None,CRC32C"}, {"Colour", "b"}};
    CHECK(place.start() == Change::made);
    CHECK(place.faults().empty());
    for (auto& parameter : place.made().parameters)
        if (parameter.name == "MaxQueueCmd") parameter.value = "32";
    CHECK(place.faults() == Texts{"MaxQueueCmd is 32 instead of 64"});
    place.target.parameters = {{"InitialR2T", "maybe"}};
    CHECK_THROWS_WITH(place.start(),
                      ContainsSubstring("additional_parameters=\"InitialR2T=maybe\": expected"));
}

TEST_CASE("tgt target: portals that the daemon has, gets, and cannot have") {
    Place place;
    place.target.portals = {Portal::parse("127.0.0.1"), Portal::parse("127.0.0.1:3261")};
    CHECK(place.start() == Change::made);
    CHECK(place.daemon.portals == Texts{"127.0.0.1:3261", "[::]:3260", "0.0.0.0:3260"});
    CHECK(place.faults().empty());
    place.daemon.portals.clear();
    CHECK(place.faults().size() == 2);
    CHECK(place.start() == Change::made);
    CHECK(place.stop() == Change::made);
    CHECK(place.daemon.portals.empty());
    place.target.portals = {Portal::parse("192.0.2.44")};
    CHECK_THROWS_WITH(place.start(),
                      ContainsSubstring("portal 192.0.2.44:3260: expected an address"));
    CHECK(place.daemon.targets.empty());
}

TEST_CASE("tgt target: stop ends sessions and removes all, accounts that others have excepted") {
    Place place;
    place.give_accounts();
    CHECK(place.stop() == Change::none);
    place.start();
    place.start_unit();
    auto second = place.target;
    second.iqn = iqn(other);
    second.credentials = Chap_credentials{{"client", Secret{"s3cret"}}};
    tgt_target::start(second, place.daemon, Place::soon());
    place.made().connections = {{1, 0, host, "10.0.0.1"}};
    CHECK(place.stop() == Change::made);
    CHECK(place.daemon.targets.size() == 1);
    CHECK(place.daemon.accounts ==
          std::vector<std::pair<std::string, std::string>>{{"client", "s3cret"}});
    CHECK(place.stop() == Change::none);
    CHECK(tgt_target::stop({.iqn = second.iqn}, place.daemon, Place::soon()) == Change::made);
    CHECK(place.daemon.accounts.empty());
}

TEST_CASE("tgt target: a password that changes does so behind a closed door") {
    Place place;
    place.give_accounts();
    place.start();
    place.target.credentials->initiator.password = Secret{"an0ther"};
    unsigned looked = 0;
    place.daemon.before = [&](const tgt::Request& request) {
        if (request.mode != tgt::Mode::account || request.op == tgt::Op::show) return;
        CHECK(place.made().addresses.empty());
        CHECK(place.made().names.empty());
        ++looked;
    };
    place.reload();
    CHECK(looked > 3);
    CHECK(place.daemon.accounts.back().first == "client");
    CHECK(place.daemon.accounts.back().second == "an0ther");
    CHECK(place.faults().empty());
}

TEST_CASE("tgt: a daemon that is not there has nothing, and one that is silent is a failure") {
    Place place;
    place.start();
    place.start_unit();
    place.daemon.end();
    CHECK_FALSE(tgt_target::exists(iqn(name), place.daemon, Place::soon()));
    CHECK_FALSE(tgt_unit::exists(place.unit_place(), place.daemon, Place::soon()));
    CHECK(place.stop() == Change::none);
    CHECK(place.stop_unit() == Change::none);
    CHECK_THROWS_WITH(place.start(), ContainsSubstring("tgtd is not running"));
    place.daemon.is_there = true;
    place.daemon.answers = false;
    CHECK_THROWS_WITH(place.stop(), ContainsSubstring("does not answer"));
    CHECK_THROWS_AS(tgt_unit::exists(place.unit_place(), place.daemon, Place::soon()), Error);
}

TEST_CASE("tgt target: killed before any of its changes, start finishes it and stop removes it") {
    for (const bool by_start : {true, false}) {
        int change = 0;
        for (bool went_through = false; !went_through; ++change) {
            Place place;
            place.give_accounts();
            place.target.initiators = {iqn(host)};
            place.target.portals.push_back(Portal::parse("127.0.0.1:3261"));
            place.target.parameters = {{"MaxQueueCmd", "64"}};
            if (!by_start) place.start();
            kill_before(place.daemon, change);
            try {
                by_start ? place.start() : place.stop();
                went_through = true;
            } catch (const Killed&) {
            }
            let_live(place.daemon);
            INFO("change " << change);
            auto again = place.daemon;
            place.start();
            CHECK(place.faults().empty());
            place.daemon = again;
            place.stop();
            CHECK(place.daemon.targets.empty());
            CHECK_FALSE(tgt_target::exists(iqn(name), place.daemon, Place::soon()));
        }
        CHECK(change > (by_start ? 8 : 4));
    }
}

TEST_CASE("tgt unit: made with its identity, found, and removed") {
    Place place;
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("expected to be started before"));
    place.start();
    place.unit.vendor = Scsi_vendor::parse("EXAMPLE");
    place.unit.tgt.scsi_id = "p_test";
    place.unit.attributes = {Device_attribute::parse("thin_provisioning=1")};
    CHECK_FALSE(tgt_unit::exists(place.unit_place(), place.daemon, Place::soon()));
    CHECK(place.start_unit() == Change::made);
    CHECK(place.unit_faults().empty());
    const auto& unit = place.made().units.at(1);
    CHECK(unit.serial == "0123abcd");
    CHECK(unit.scsi_id == "p_test");
    CHECK(unit.more.at("vendor_id") == "EXAMPLE");
    CHECK(unit.more.at("thin_provisioning") == "1");
    // Bit 2 of the caching page's first byte is the write cache.
    CHECK(unit.more.at("mode_page").starts_with("8:0:18:0x10:"));
    CHECK(place.start_unit() == Change::none);
    place.made().units.at(1).online = false;
    CHECK(place.unit_faults() == Texts{"it is offline"});
    CHECK(place.stop_unit() == Change::made);
    CHECK(place.made().units.size() == 1);
    CHECK(place.unit_faults() == Texts{"LUN 1 of iqn.2026-01.org.example:disk1 is missing"});
}

TEST_CASE("tgt unit: a cache and pages of the administrator's own") {
    Place place;
    place.start();
    place.unit.write_cache = true;
    place.start_unit();
    CHECK(place.made().units.at(1).more.at("mode_page").starts_with("8:0:18:0x14:"));
    place.unit.attributes = {Device_attribute::parse("mode_page=8:0:18:0x10")};
    place.start_unit();
    CHECK(place.made().units.at(1).more.at("mode_page") == "8:0:18:0x10");
}

TEST_CASE("tgt unit: another one's number is neither taken nor removed") {
    Place place;
    place.start();
    place.daemon.files["/theirs"] = 1 << 20;
    place.daemon.ask(tgt::make_unit(place.made().number, 1, {{"path", "/theirs"}}), Place::soon());
    CHECK_THROWS_WITH(place.start_unit(), ContainsSubstring("is another unit, /theirs"));
    CHECK(place.stop_unit() == Change::none);
    CHECK(place.made().units.contains(1));
    CHECK_FALSE(tgt_unit::exists(place.unit_place(), place.daemon, Place::soon()));
}

TEST_CASE("tgt unit: a command that does not come back ends a stop at its deadline") {
    Place place;
    place.start();
    place.start_unit();
    place.made().units.at(1).in_use = true;
    CHECK_THROWS_WITH(tgt_unit::stop(place.unit_place(), place.daemon, Deadline::in(250ms)),
                      ContainsSubstring("waiting for a command of LUN 1"));
    CHECK_THROWS_WITH(tgt_target::stop({.iqn = iqn(name)}, place.daemon, Deadline::in(250ms)),
                      ContainsSubstring("waiting for a command of LUN 1, /disk"));
    CHECK(place.made().state == "offline");
    int asked = 0;
    place.daemon.before = [&](const tgt::Request& request) {
        if (request.op == tgt::Op::remove && ++asked == 3) place.made().units.at(1).in_use = false;
    };
    CHECK(place.stop() == Change::made);
    CHECK(asked > 3);
    CHECK(place.daemon.targets.empty());
}

TEST_CASE("tgt unit: what it cannot have is refused before anything is made") {
    Place place;
    place.start();
    const auto refused = [&](const std::function<void(Logical_unit&)>& spoil,
                             const std::string& reason) {
        auto unit = place.unit;
        spoil(unit);
        CHECK_THROWS_WITH(tgt_unit::check(unit), ContainsSubstring(reason));
    };
    refused([](auto& unit) { unit.lun = Lun_number::parse("0"); }, "lun=\"0\": expected");
    refused([](auto& unit) { unit.initiators = {iqn(host)}; }, "allowed_initiators=");
    refused([](auto& unit) { unit.tgt.device_type = "disc"; },
            "tgt_device_type=\"disc\": expected");
    refused([](auto& unit) { unit.tgt.options = "a,b"; }, "tgt_bsopts=\"a,b\": expected no comma");

    place.unit.path = Backing_path::parse("/missing");
    try {
        place.start_unit();
        FAIL("made");
    } catch (const Error& failure) {
        CHECK(failure.kind() == Kind::wrong_on_this_node);
        CHECK_THAT(failure.what(), ContainsSubstring("path=\"/missing\": expected a block device"));
    }
    place.unit.path = Backing_path::parse("/disk");
    place.unit.attributes = {Device_attribute::parse("colour=blue")};
    CHECK_THROWS_WITH(place.start_unit(),
                      ContainsSubstring("additional_parameters=\"colour=blue\""));
    CHECK_FALSE(place.made().units.contains(1));
}

TEST_CASE("tgt unit: killed before any of its changes, start finishes it and stop removes it") {
    for (int change = 0; change < 3; ++change) {
        Place place;
        place.start();
        kill_before(place.daemon, change);
        try {
            place.start_unit();
            CHECK(change == 2);
        } catch (const Killed&) {
        }
        let_live(place.daemon);
        auto again = place.daemon;
        place.start_unit();
        CHECK(place.unit_faults().empty());
        place.daemon = again;
        place.stop_unit();
        CHECK(place.made().units.size() == 1);
    }
}

TEST_CASE("tgt target: one account of discovery for all, until the last goes") {
    Place place;
    place.target.discovery = Chap_account{"seeker", Secret{"s3cret"}};
    place.start();
    CHECK(place.faults().empty());
    CHECK(place.daemon.discovery_users == Texts{"seeker"});
    auto second = place.target;
    second.iqn = iqn(other);
    second.discovery->user = "another";
    CHECK_THROWS_WITH(tgt_target::start(second, place.daemon, Place::soon()),
                      ContainsSubstring("discovery_username=\"another\": expected \"seeker\""));
    CHECK(place.daemon.targets.size() == 1);
    place.daemon.discovery_users.clear();
    CHECK(place.faults() == Texts{"discovery does not ask for \"seeker\""});
    place.start();
    tgt_target::stop({.iqn = iqn(name), .discovery_user = "seeker"}, place.daemon, Place::soon());
    CHECK(place.daemon.discovery_users.empty());
    CHECK(place.daemon.accounts.empty());
}
