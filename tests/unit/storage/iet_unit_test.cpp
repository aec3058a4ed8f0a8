// SPDX-License-Identifier: GPL-2.0-or-later
// Units of IET, on one that answers as its sources describe it.
#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/iet_place.hpp"

using namespace san;
using namespace test::iet_place;

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

TEST_CASE("iet unit: a removal that ietd comes to later is not asked for again") {
    Place place;
    place.start();
    place.start_unit();
    place.made().units.front().in_use = true;
    // The look before it was answered.
    place.module.before = [&](const std::string&) { place.module.answers = false; };
    CHECK_THROWS_WITH(place.stop_unit(), ContainsSubstring("did not finish"));
    CHECK(place.module.waiting.size() == 1);
    CHECK_FALSE(place.made().units.front().is_leaving);
    let_live(place);
    place.module.answers = true;
    CHECK_THROWS_WITH(place.stop_unit(Deadline::in(250ms)), ContainsSubstring("a command of"));
    CHECK(place.made().counted_units == 0);
    CHECK(place.count("--op delete --tid=1 --lun=0") == 1);
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
