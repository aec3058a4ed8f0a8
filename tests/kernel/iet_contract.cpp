// SPDX-License-Identifier: GPL-2.0-or-later
// What IET does with targets and units, the fake as a real one.
#include "base/error.hpp"
#include "kernel/iet_bench.hpp"
#include "storage/iet_conversation.hpp"
#include "storage/iet_target.hpp"
#include "storage/iet_unit.hpp"

using namespace san;
using namespace std::chrono_literals;
using namespace test::iet_bench;

namespace {

const auto name = Iscsi_name::parse("iqn.2026-01.org.example:disk1");
const auto other = Iscsi_name::parse("iqn.2026-01.org.example:disk2");

using Texts = std::vector<std::string>;

Deadline soon() { return Deadline::in(10s); }

Target plain() { return {.iqn = name, .portals = {Portal::parse("0.0.0.0")}}; }
Target guarded() {
    auto wanted = plain();
    wanted.initiators = {Iscsi_name::parse("iqn.2026-01.org.example:host")};
    wanted.credentials = Chap_credentials{{"client", Secret{"s3cretpassw0rd"}},
                                          Chap_account{"server", Secret{"an0thersecret"}}};
    wanted.parameters = {{"QueuedCommands", "64"}, {"InitialR2T", "No"}};
    return wanted;
}
Logical_unit unit(Bench& bench) {
    return {.name = "p_test",
            .target = name,
            .lun = Lun_number::parse("1"),
            .path = Backing_path::parse(bench.disk()),
            .serial = Scsi_serial::parse("0123abcd"),
            .tgt = {.scsi_id = "p_test"}};
}
Unit_place place(const Logical_unit& wanted) {
    return {.name = wanted.name, .target = name, .lun = wanted.lun, .path = wanted.path};
}
std::vector<iet::Target> targets(Bench& bench) {
    return Iet_conversation{bench.system().iet, soon(), "test"}.targets();
}

}  // namespace

TEST_CASE("IET: a target with all it can have, and nothing is left of it") {
    with_each_bench([](Bench& bench) {
        auto& node = bench.system();
        const auto wanted = guarded();
        CHECK_FALSE(iet_target::exists(name, node, soon()));
        CHECK(iet_target::start(wanted, node, soon()) == Change::made);
        CHECK(iet_target::faults(wanted, node, soon()) == Texts{});
        CHECK(iet_target::start(wanted, node, soon()) == Change::none);
        auto changed = wanted;
        changed.credentials->initiator.password = Secret{"changedpassw0rd"};
        changed.credentials->target.reset();
        CHECK(iet_target::faults(changed, node, soon()).size() == 2);
        CHECK(iet_target::reload(changed, node, soon()) == Change::made);
        CHECK(iet_target::faults(changed, node, soon()) == Texts{});
        const auto number = targets(bench).at(0).number;
        CHECK(iet_target::stop({.iqn = name}, node, soon()) == Change::made);
        CHECK(iet_target::stop({.iqn = name}, node, soon()) == Change::none);
        CHECK(targets(bench).empty());
        // Its accounts have gone with it.
        const auto left = node.iet.ask({.op = iet::Account_op::list, .target = number}, soon());
        CHECK(left.users.empty());
    });
}

TEST_CASE("IET: a unit with its identity, beside another's that stays") {
    with_each_bench([](Bench& bench) {
        auto& node = bench.system();
        iet_target::start(plain(), node, soon());
        const auto number = targets(bench).at(0).number;
        const Iet_conversation talk{node.iet, soon(), "test"};
        talk.change(iet::make_unit(number, 2, {{"Path", bench.disk("theirs")}}), "another's");
        auto wanted = unit(bench);
        CHECK(iet_unit::start(wanted, node, soon()) == Change::made);
        CHECK(iet_unit::faults(wanted, node, soon()) == Texts{});
        CHECK(iet_unit::start(wanted, node, soon()) == Change::none);
        wanted.write_cache = true;
        CHECK(iet_unit::faults(wanted, node, soon()).size() == 1);
        CHECK(iet_unit::start(wanted, node, soon()) == Change::made);
        CHECK(iet_unit::faults(wanted, node, soon()) == Texts{});
        CHECK(iet_unit::stop(place(wanted), node, soon()) == Change::made);
        CHECK(iet_unit::stop(place(wanted), node, soon()) == Change::none);
        CHECK(targets(bench).at(0).units.size() == 1);
        CHECK(iet_target::stop({.iqn = name}, node, soon()) == Change::made);
    });
}

TEST_CASE("IET: what it refuses, and with which errno") {
    with_each_bench([](Bench& bench) {
        auto& node = bench.system();
        iet_target::start(plain(), node, soon());
        const auto number = targets(bench).at(0).number;
        const auto refusal = [&](const iet::Request& request) {
            return node.iet.ask(request, soon()).errnum;
        };
        CHECK(refusal(iet::make_target(number + 1, name.to_text())) == EINVAL);
        CHECK(refusal(iet::make_target(number, other.to_text())) == EEXIST);
        CHECK(refusal(iet::remove_target(number + 1)) == ENOENT);
        CHECK(refusal(iet::remove_unit(number, 5)) == ENOENT);
        CHECK(refusal(iet::make_unit(number, 5, {{"Path", "/missing"}})) == ENOENT);
        CHECK(refusal(iet::make_unit(number, 5, {{"Type", "fileio"}})) == EINVAL);
        const auto disk = bench.disk();
        CHECK(refusal(iet::make_unit(number, 5, {{"Path", disk}, {"IOMode", "x"}})) == EINVAL);
        CHECK(refusal(iet::make_unit(number, 5, {{"Path", disk}})) == 0);
        CHECK(refusal(iet::make_unit(number, 5, {{"Path", disk}})) == EEXIST);
        CHECK(refusal(iet::end_connection(number, {.session = 77})) == ENOENT);
        CHECK(refusal(iet::set_parameter(number, {"Colour", "blue"})) == EINVAL);
        // Out of bounds: another one is taken, without a word.
        for (const auto* value : {"0", "129", "many"}) {
            CHECK(refusal(iet::set_parameter(number, {"Wthreads", value})) == 0);
            CHECK_THAT(node.iet.ask(iet::show_parameters(number), soon()).text,
                       ContainsSubstring("Wthreads=1\n"));
        }
        CHECK(refusal(iet::set_parameter(number, {"InitialR2T", "maybe"})) == EINVAL);
        CHECK(
            node.iet.ask({.op = iet::Account_op::show, .target = number, .user = "nobody"}, soon())
                .errnum == ENOENT);
        CHECK(iet_target::stop({.iqn = name}, node, soon()) == Change::made);
    });
}
