// SPDX-License-Identifier: GPL-2.0-or-later
// The listener's executable, as the cluster calls it, where DRBD's module is not loaded and cluster
// and drbdadm are scripts.
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <signal.h>

#include "support/agent_process.hpp"
#include "support/catch.hpp"
#include "support/private_programs.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Script;

namespace {

const std::string files = "/run/resource-agents/drbd-attr-p_test";

struct Machine {
    Machine() {
        test::enter_private_files();
        // Pacemaker's library would ask for a daemon that is not there.
        static const bool without = (test::mount_empty(SAN_LATE_LIBRARIES), true);
        static_cast<void>(without);
        agent.environment["OCF_RESKEY_CRM_meta_on_node"] = "alice";
        agent.environment["OCF_RESKEY_CRM_meta_timeout"] = "20000";
    }
    ~Machine() { agent.act("stop"); }

    pid_t listener() const {
        pid_t process = 0;
        std::ifstream{files + ".lock"} >> process;
        REQUIRE(process > 1);  // 0 would be everybody in this test's group
        return process;
    }
    /// Waits until nobody has the lock.
    static void wait_for_end() {
        const auto fd = Fd::adopt(::open((files + ".lock").c_str(), O_RDWR | O_CLOEXEC));
        struct flock whole {};
        whole.l_type = F_WRLCK;
        ::fcntl(fd.raw(), F_SETLKW, &whole);
    }

    test::Agent_process agent{SAN_AGENT, {}};
};

const std::string minus_infinity = "-N alice -n drbd-promotion-score-r0 -B -1000000 -d 0\nEND\n";
const std::string now_undampened = "-N alice -n drbd-promotion-score-r0 -Y -d 0\nEND\n";
const std::string removed = "-N alice -n drbd-promotion-score-r0 -D\nEND\n";

}  // namespace

TEST_CASE("a listener lives from start to stop, and its attribute with it") {
    Machine machine;
    const Script cluster{"attrd_updater", "exit 0"}, tool{"drbdadm", "echo r0"};
    auto& agent = machine.agent;
    CHECK(agent.act("monitor") == 7);
    REQUIRE(agent.act("start") == 0);
    CHECK(cluster.called() == minus_infinity);
    CHECK(agent.act("monitor") == 0);
    const auto process = machine.listener();
    CHECK(agent.act("start") == 0);
    CHECK(machine.listener() == process);
    CHECK(agent.act("stop") == 0);
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(process) + "/exe"));
    CHECK(cluster.called() == now_undampened);
    CHECK(cluster.called() == removed);
    CHECK(agent.act("monitor") == 7);
    CHECK(agent.act("stop") == 0);
    CHECK(std::filesystem::is_empty("/run/resource-agents"));
}

TEST_CASE("a listener that was killed is a failure; stop and start cope") {
    Machine machine;
    const Script cluster{"attrd_updater", "exit 0"}, tool{"drbdadm", "echo r0"};
    auto& agent = machine.agent;
    REQUIRE(agent.act("start") == 0);
    CHECK(cluster.called() == minus_infinity);
    ::kill(machine.listener(), SIGKILL);
    Machine::wait_for_end();
    CHECK(agent.act("monitor") == 1);
    CHECK_THAT(agent.reason, ContainsSubstring("ocf-exit-reason:the listener has died"));
    REQUIRE(agent.act("start") == 0);
    CHECK(cluster.called() == minus_infinity);
    CHECK(agent.act("monitor") == 0);
    ::kill(machine.listener(), SIGKILL);
    Machine::wait_for_end();
    CHECK(agent.act("stop") == 0);
    CHECK(cluster.called() == now_undampened);
    CHECK(cluster.called() == removed);
    CHECK(agent.act("monitor") == 7);
}

TEST_CASE("a listener keeps nothing of its caller open") {
    Machine machine;
    const Script cluster{"attrd_updater", "exit 0"}, tool{"drbdadm", "echo r0"};
    REQUIRE(machine.agent.act("start") == 0);
    CHECK(cluster.called() == minus_infinity);
    const auto process = std::filesystem::path{"/proc"} / std::to_string(machine.listener());
    for (const auto* standard : {"0", "1", "2"})
        CHECK(std::filesystem::read_symlink(process / "fd" / standard) == "/dev/null");
    CHECK(std::filesystem::read_symlink(process / "cwd") == "/");
}
