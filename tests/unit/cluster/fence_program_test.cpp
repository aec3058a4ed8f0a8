// SPDX-License-Identifier: GPL-2.0-or-later
// The program around the handlers: its lock, and how a Primary that has lost ends.
#include "cluster/fence_program.hpp"

#include <fcntl.h>
#include <filesystem>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fd.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_drbd.hpp"

using namespace san;

namespace {

const std::string id = "drbd-fence-by-handler-r0-ms";

struct Program {
    std::filesystem::path folder;
    test::Fake_cluster cluster{};
    test::Fake_drbd kernel{};
    test::Fake_commands commands{};
    std::vector<long> slept{};

    Program() {
        char name[] = "/tmp/san-fence-XXXXXX";
        folder = ::mkdtemp(name);
        kernel.module_loaded = true;
        kernel.resources["r0"] = {
            .name = "r0",
            .role = drbd::Role::primary,
            .volumes = {{.disk = drbd::Disk::up_to_date}},
            .peers = {{.node_id = 1, .name = "bob", .volumes = {{.disk = drbd::Disk::unknown}}}}};
        commands.on({"attrd_updater"});
        commands.on({"reboot"});
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program() { std::filesystem::remove_all(folder); }

    int run(std::vector<std::string> options,
            const std::string& name = "/usr/sbin/san-fence-peer") {
        const Files files{folder};
        options.insert(options.begin(), {"--quiet", "--lock-dir=" + folder.string()});
        return cluster::run_fence_program(
            name, options,
            {.host = "alice",
             .cluster = cluster,
             .files = files,
             .kernel = kernel,
             .commands = commands,
             .environment = {{"DRBD_RESOURCE", "r0"}, {"DRBD_PEER", "bob"}},
             .at_terminal = false,
             .sleep = [this](std::chrono::seconds span) { slept.push_back(span.count()); }});
    }
    void peer_has_won() {
        cluster.constraints[id] = cluster::Constraint{
            .id = id,
            .clone = "ms",
            .rule_id = "r",
            .role = "Master",
            .allowed = {{"#uname", "bob",
                         "e"}}}.to_xml();
    }
};

}  // namespace

TEST_CASE("fence program: its name says what it does") {
    Program program;
    CHECK(program.run({}) == 4);
    CHECK(program.cluster.constraints.contains(id));
    program.kernel.resources["r0"].peers[0].volumes[0].disk = drbd::Disk::up_to_date;
    CHECK(program.run({}, "san-unfence-peer") == 0);
    CHECK(program.cluster.constraints.empty());
    CHECK(program.run({"--timeout=x"}) == 1);
    CHECK(program.commands.asked.empty());
}

TEST_CASE("fence program: one call at a time, or after all without the lock") {
    Program program;
    const auto held =
        Fd::adopt(::open((program.folder / "fence.r0").c_str(), O_CREAT | O_RDWR, 0600));
    REQUIRE(::flock(held.raw(), LOCK_EX | LOCK_NB) == 0);
    CHECK(program.run({"--flock-timeout=0", "--flock-required"}) == 1);
    CHECK(program.cluster.did.empty());
    CHECK(program.run({"--flock-timeout=0"}) == 4);
    CHECK(program.cluster.did.size() == 1);
}

TEST_CASE("fence program: a lock that others can have is none, and fencing goes on") {
    namespace fs = std::filesystem;
    Program program;
    const auto file = program.folder / "fence.r0";
    const auto elsewhere = program.folder / "elsewhere";
    SECTION("a link") { fs::create_symlink(elsewhere, file); }
    SECTION("a pipe, which nobody reads") { REQUIRE(::mkfifo(file.c_str(), 0666) == 0); }
    SECTION("a directory in which everybody may replace it") {
        fs::permissions(program.folder, fs::perms{0777});
    }
    CHECK(program.run({"--flock-required"}) == 1);
    CHECK(program.cluster.did.empty());
    CHECK(program.run({}) == 4);
    CHECK_FALSE(fs::exists(elsewhere));
}

TEST_CASE("fence program: the scripts' lock is for us alone from now on") {
    namespace fs = std::filesystem;
    Program program;
    const auto file = program.folder / "fence.r0";
    REQUIRE(Fd::adopt(::open(file.c_str(), O_CREAT | O_RDWR, 0644)));
    CHECK(program.run({"--flock-required"}) == 4);
    CHECK(fs::status(file).permissions() == fs::perms{0600});
}

TEST_CASE("fence program: a Primary that the peer has excluded goes, if that was asked for") {
    Program program;
    program.peer_has_won();
    SECTION("not unless asked") {
        CHECK(program.run({}) == 1);
        CHECK(program.commands.asked.empty());
    }
    SECTION("by the cluster's hand, and its own") {
        program.run({"--suicide-on-failure-if-primary"});
        CHECK(program.commands.asked ==
              std::vector<std::string>{"attrd_updater -N alice -n terminate -U true", "reboot -f"});
        CHECK(program.slept == std::vector<long>{300});
    }
    SECTION("by its own where the cluster fences nobody") {
        program.cluster.stonith = false;
        program.run({"--suicide-on-failure-if-primary"});
        CHECK(program.commands.asked == std::vector<std::string>{"reboot -f"});
        CHECK(program.slept == std::vector<long>{20});
    }
    SECTION("not a Secondary") {
        program.kernel.resources["r0"].role = drbd::Role::secondary;
        CHECK(program.run({"--suicide-on-failure-if-primary"}) == 1);
        CHECK(program.commands.asked.empty());
    }
}

TEST_CASE("fence program: nobody goes for want of a reason") {
    Program program;
    program.cluster.quorum = false;
    CHECK(program.run({"--suicide-on-failure-if-primary", "--timeout=0"}) == 1);
    program.cluster.quorum = true;
    program.kernel.resources["r0"].peers[0].volumes[0].disk = drbd::Disk::up_to_date;
    CHECK(program.run({"--suicide-on-failure-if-primary"}) == 1);
    CHECK(program.commands.asked.empty());
}
