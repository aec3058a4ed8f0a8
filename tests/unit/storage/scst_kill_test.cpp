// SPDX-License-Identifier: GPL-2.0-or-later
// Targets and units of SCST's whose agent is killed, whose commands are queued, or whose device
// does not answer.
#include "base/error.hpp"
#include "kernel/scst_queue.hpp"
#include "support/catch.hpp"
#include "support/scst_place.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Scst_place;

namespace {

/// Dies at the write of that number, as a process that is killed.
struct Killed {};

struct Sweep : Scst_place {
    explicit Sweep(bool queues) {
        give_accounts();
        target.initiators = {iqn(host)};
        target.portals = {Portal::parse("10.0.0.7")};
        scst.queues = queues;
    }
    void start_all() {
        start();
        start_unit();
    }
    void stop_all() {
        stop_unit();
        stop();
    }
    /// False: the work ended before. What was queued is done when nobody waits for it any more.
    bool killed_at(int number, bool before, const std::function<void()>& work) {
        int count = 0;
        const auto die = [&count, number] {
            if (++count == number) throw Killed{};
        };
        if (before)
            scst.before = [die](const Scst_tree::Path&, std::string_view) { die(); };
        else
            scst.after = die;
        bool was_killed = false;
        try {
            work();
        } catch (const Killed&) {
            was_killed = true;
        }
        scst.before = [](const Scst_tree::Path&, std::string_view) {};
        scst.after = [] {};
        return was_killed;
    }
    void expect_whole() {
        CHECK(faults() == std::vector<std::string>{});
        CHECK(unit_faults() == std::vector<std::string>{});
        CHECK(has_unit());
    }
    bool is_gone() { return !scst.has("devices/p_test") && !scst.has(at("")); }
};

/// Every place of a work at which it can be killed, before and after each write.
void sweep(const std::function<void(Sweep&)>& prepare, const std::function<void(Sweep&)>& work,
           int at_least) {
    for (const bool queues : {false, true})
        for (const bool before : {false, true}) {
            int number = 1;
            for (bool was_killed = true; was_killed; ++number) {
                INFO((queues ? "queued" : "at once")
                     << (before ? ", before " : ", after ") << number);
                Sweep first{queues};
                prepare(first);
                was_killed = first.killed_at(number, before, [&] { work(first); });
                first.start_all();
                first.expect_whole();
                first.stop_all();
                CHECK(first.is_gone());
                Sweep second{queues};
                prepare(second);
                second.killed_at(number, before, [&] { work(second); });
                second.stop_all();
                CHECK(second.is_gone());
            }
            CHECK(number - 2 >= at_least);
        }
}

}  // namespace

TEST_CASE("scst: a start that is killed anywhere is completed by the next, or taken away") {
    sweep([](Sweep&) {}, [](Sweep& one) { one.start_all(); }, 11);
}

TEST_CASE("scst: a stop that is killed anywhere is finished by the next, or undone by a start") {
    sweep([](Sweep& one) { one.start_all(); }, [](Sweep& one) { one.stop_all(); }, 4);
}

TEST_CASE("scst: a reload that is killed anywhere") {
    sweep(
        [](Sweep& one) {
            one.target.initiators.clear();
            one.start_all();
            one.target.initiators = {Scst_place::iqn(Scst_place::host)};
        },
        [](Sweep& one) { one.reload(); }, 4);
}

TEST_CASE("scst: no command is written twice while it may be queued") {
    Sweep place{true};
    place.scst.busy_reads = 5;
    place.start_all();
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& one : place.scst.asked) CHECK(seen.insert(one).second);
    place.expect_whole();
    // Dead, and what it asked for is not done yet: the next waits until it is, and sees it.
    place.scst.busy_reads = 8;
    CHECK(place.killed_at(1, false, [&] { place.stop_all(); }));
    place.scst.asked.clear();
    place.stop_all();
    for (const auto& [path, data] : place.scst.asked) CHECK(data != "del 1");
    CHECK(place.is_gone());
}

TEST_CASE("scst: a command of others that does not end holds nobody up for long") {
    Scst_place place;
    place.start();
    place.scst.write("handlers/vdisk_blockio/mgmt", "add_device theirs filename=/dev/vdb");
    place.scst.stuck = {"theirs"};
    bool was_here = false;
    place.scst.meanwhile = [&] {
        if (was_here) return;
        was_here = true;
        CHECK(scst::is_busy(place.scst));
        CHECK(scst_actions::start(place.unit, place.node.system, Deadline::in(600ms)) ==
              Change::made);
        CHECK(place.unit_faults().empty());
        place.scst.stuck.clear();
    };
    place.scst.write(place.at("luns/mgmt"), "add theirs 5");
    place.scst.write(place.at("luns/mgmt"), "del 5");
    CHECK(was_here);
}

TEST_CASE("scst: a device that does not answer holds no agent beyond its deadline") {
    Scst_place place;
    place.start();
    place.start_unit();
    place.scst.log_in(Scst_place::name, Scst_place::host, 2);
    place.scst.stuck = {"p_test"};
    Forked forked;
    System system = place.node.system;
    System bounded{.name = system.name,
                   .files = system.files,
                   .configfs = system.configfs,
                   .addresses = system.addresses,
                   .links = system.links,
                   .routes = system.routes,
                   .announcer = system.announcer,
                   .networks = system.networks,
                   .firewall = system.firewall,
                   .connections = system.connections,
                   .initiator = system.initiator,
                   .mapper = system.mapper,
                   .drbd = system.drbd,
                   .tgt = system.tgt,
                   .iet = system.iet,
                   .scst = system.scst,
                   .commands = system.commands,
                   .bounded = forked,
                   .background = system.background,
                   .attributes = system.attributes,
                   .watchers = system.watchers,
                   .residents = system.residents};
    const auto begin = Deadline::Clock::now();
    CHECK_THROWS_WITH(
        scst_actions::stop(place.place(), bounded, Deadline::in(700ms)),
        ContainsSubstring("time is up while waiting for the commands of LUN 1 to end"));
    CHECK_THROWS_WITH(
        scst_actions::stop(place.target_place(), bounded, Deadline::in(700ms)),
        ContainsSubstring("session iqn.2026-01.org.example:host to end, which has 2 commands"));
    CHECK(Deadline::Clock::now() - begin < 3s);
    place.scst.stuck.clear();
    CHECK(place.stop_unit() == Change::made);
}

TEST_CASE("scst: a command that is accepted, and does nothing, is a failure") {
    Scst_place place;
    // Another's result is in the shared file, as of a writer that was killed.
    place.scst.interrupted_writes = 1;
    place.scst.daemon_hangs = true;
    CHECK_THROWS_AS(place.start(), Error);
    CHECK_FALSE(place.scst.has(place.at("")));
}
