// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/addresses.hpp"
#include "kernel/netlink.hpp"
#include "ocf/exit_code.hpp"
#include "support/agent_process.hpp"
#include "support/catch.hpp"
#include "support/private_network.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

/// eth0 with 10.0.0.1/24 and 2001:db8::1/64, and the executable with an environment of its own.
struct Stage : test::Agent_process {
    Stage() : Agent_process{SAN_AGENT, {{"ip", "10.0.0.7"}}} {
        test::ip("address add 10.0.0.1/24 dev eth0");
        test::ip("address add 2001:db8::1/64 dev eth0 nodad");
    }

    static bool has(const std::string& address) {
        for (const auto& one : make_addresses()->list())
            if (one.ip == Ip::parse(address)) return true;
        return false;
    }

    test::Wire wire;
};

}  // namespace

TEST_CASE("IPaddr2: one life of an address of either family") {
    for (const auto* address : {"10.0.0.7", "2001:db8::7"}) {
        Stage stage;
        stage.parameters["ip"] = address;
        CHECK(stage.act("validate-all") == ocf::success);
        CHECK(stage.act("monitor") == ocf::not_running);
        for (int time = 0; time < 2; ++time) {
            CHECK(stage.act("start") == ocf::success);
            CHECK(stage.act("monitor") == ocf::success);
            CHECK(stage.has(address));
        }
        for (int time = 0; time < 2; ++time) {
            CHECK(stage.act("stop") == ocf::success);
            CHECK(stage.act("monitor") == ocf::not_running);
            CHECK_FALSE(stage.has(address));
        }
    }
}

TEST_CASE("IPaddr2: the neighbour sends to this node from the moment of the start") {
    for (const auto* address : {"10.0.0.7", "2001:db8::7"}) {
        Stage stage;
        stage.parameters["ip"] = address;
        const std::string entry = std::string{address} + " dev far";
        std::optional<netlink::Socket> changes;
        stage.wire.as_neighbour([&] {
            test::ip("address add 10.0.0.2/24 dev far");
            test::ip("address add 2001:db8::2/64 dev far nodad");
            // What the node that had the address before has left behind.
            test::ip("neighbour add " + entry + " lladdr 02:00:00:00:00:99 nud reachable");
            changes.emplace();
            changes->join(RTNLGRP_NEIGH);
        });
        REQUIRE(stage.act("start") == ocf::success);
        std::string known;
        const auto deadline = Deadline::in(5s);
        do {
            stage.wire.as_neighbour([&] {
                known = Programs{}
                            .must(text::words("ip neighbour show " + entry), Deadline::in(10s))
                            .out;
            });
        } while (known.find("02:00:00:00:00:01") == std::string::npos && changes->wait(deadline));
        CHECK_THAT(known, ContainsSubstring("lladdr 02:00:00:00:00:01"));
    }
}

TEST_CASE("IPaddr2: start does not wait for the announcements that follow it") {
    Stage stage;
    stage.parameters["arp_count"] = "100";
    stage.parameters["arp_interval"] = "1000";
    // The call ends when nobody has its stdout and stderr any more.
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("IPaddr2: a start that was killed can be started and stopped") {
    for (const auto* next : {"start", "stop"}) {
        Stage stage;
        stage.parameters["ip"] = "2001:db8::7";
        netlink::Socket events;
        events.join(RTNLGRP_IPV6_IFADDR);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            std::vector<char*> words;
            auto command = stage.command("start");
            for (auto& word : command) words.push_back(word.data());
            words.push_back(nullptr);
            ::execvp("env", words.data());
            ::_exit(127);
        }
        // Duplicate detection takes a second at least: the address is there, and the start is not
        // done.
        const auto deadline = Deadline::in(10s);
        while (!stage.has("2001:db8::7") && events.wait(deadline)) continue;
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        CHECK(stage.act(next) == ocf::success);
        CHECK(stage.act("monitor") ==
              (next == std::string{"start"} ? ocf::success : ocf::not_running));
    }
}

TEST_CASE("IPaddr2: what is wrong with the network is a failure with a reason") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.wire.as_neighbour([] { test::ip("link set far down"); });
    CHECK(stage.act("monitor") == ocf::err_generic);
    CHECK_THAT(
        stage.reason,
        ContainsSubstring("ocf-exit-reason:address 10.0.0.7: interface eth0 has no carrier"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_FALSE(stage.has("10.0.0.7"));
}

TEST_CASE("IPaddr2: an address of no network of this node, and an interface it does not have") {
    Stage stage;
    stage.parameters["ip"] = "192.0.2.7";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("ip=\"192.0.2.7\": expected"));
    CHECK_THAT(stage.reason, ContainsSubstring("10.0.0.0/24 on eth0"));
    stage.parameters["nic"] = "eth9";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("nic=\"eth9\": expected"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("monitor") == ocf::not_running);
}
