// SPDX-License-Identifier: GPL-2.0-or-later
// What only iSCSITarget does: it prepares the node for persistent reservations, takes secrets from
// the cluster's configuration or from files, and looks after the sockets of its portals.
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>

#include "base/fd.hpp"
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

TEST_CASE("iSCSITarget: start makes the directory without which no reservation can be made") {
    Stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.files.is_directory("/var/target/pr"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("iSCSITarget: a node that cannot have that directory serves everybody else") {
    Stage stage;
    std::ofstream{stage.node.root.path() / "var"} << "no directory";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
}

namespace {

constexpr auto guarded = "target/iscsi/iqn.2026-01.org.example:disk1/tpgt_1/auth";

struct Guarded_stage : Stage {
    Guarded_stage() {
        parameters["incoming_username"] = "joe";
        parameters["incoming_password_file"] = "/secret";
        write("of a file");
    }
    void write(const std::string& content,
               std::filesystem::perms mode = std::filesystem::perms{0600}) {
        const auto file = node.root.path() / "secret";
        std::ofstream{file} << content << "\n";
        std::filesystem::permissions(file, mode);
    }
    std::string password() const {
        return node.configfs.find(std::string{guarded} + "/password").value_or("");
    }
};

}  // namespace

TEST_CASE("iSCSITarget: a secret from a file, and from another one by reload") {
    Guarded_stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.password() == "of a file");
    stage.write("another one");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("CHAP password is another one"));
    CHECK(stage.act("reload-agent") == ocf::success);
    CHECK(stage.password() == "another one");
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("iSCSITarget: a file that others can read is refused, and so is a missing one") {
    Guarded_stage stage;
    stage.write("of a file", std::filesystem::perms{0640});
    for (const auto* action : {"start", "validate-all"}) {
        CHECK(stage.act(action) == ocf::err_args);
        CHECK_THAT(stage.reason,
                   ContainsSubstring("incoming_password_file=\"/secret\": expected a file that"));
    }
    std::filesystem::remove(stage.node.root.path() / "secret");
    CHECK(stage.act("start") == ocf::err_args);
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("iSCSITarget: one secret for both sides is refused, and none of them is shown") {
    Guarded_stage stage;
    stage.parameters["outgoing_username"] = "san";
    stage.parameters["outgoing_password"] = "of a file";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("expected another one than incoming_password") &&
                                 !ContainsSubstring("of a file"));
    stage.parameters["outgoing_password"] = "something else";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.configfs.find(std::string{guarded} + "/password_mutual") == "something else");
    stage.parameters["incoming_password"] = "of a file";
    CHECK(stage.act("validate-all") == ocf::err_configured);
    CHECK_THAT(stage.reason,
               ContainsSubstring("or a file, not both") && !ContainsSubstring("of a file\""));
}

TEST_CASE("iSCSITarget: attributes of the portal group, beside login parameters") {
    Stage stage;
    stage.parameters["additional_parameters"] = "MaxConnections=4 login_timeout=030 no_such=1";
    stage.parameters["tid"] = "17";
    CHECK(stage.act("start") == ocf::success);
    const std::string group = "target/iscsi/iqn.2026-01.org.example:disk1/tpgt_1/";
    CHECK(stage.node.configfs.find(group + "param/MaxConnections") == "4");
    CHECK(stage.node.configfs.find(group + "attrib/login_timeout") == "30");
    CHECK(stage.act("stop") == ocf::success);

    stage.parameters["additional_parameters"] = "login_timeout=31";
    CHECK(stage.act("start") == ocf::err_configured);
    CHECK_THAT(stage.reason, ContainsSubstring("additional_parameters=\"login_timeout=31\""));
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("iSCSITarget: iSER that the kernel refuses leaves nothing") {
    Stage stage;
    stage.node.files.make_directory("/sys/class/infiniband/mlx5_0");
    stage.parameters["portals"] = "10.0.0.7 10.0.0.8";
    stage.parameters["iser_portals"] = "10.0.0.8";
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason,
               ContainsSubstring("iser_portals=\"10.0.0.8:3260\": expected an address"));
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("iSCSITarget: each node has its own port number, where the kernel can set it") {
    const std::string group = "target/iscsi/iqn.2026-01.org.example:disk1/tpgt_1/";
    Stage old;
    old.parameters["rtpi"] = "alice:258 bob:2";
    CHECK(old.act("start") == ocf::success);
    CHECK(old.monitor() == ocf::success);
    CHECK_FALSE(old.node.configfs.find(group + "rtpi"));

    Stage stage;
    stage.node.configfs.has_port_numbers = true;
    stage.parameters["rtpi"] = "bob:2";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("rtpi=\"bob:2\": expected a number for alice"));
    stage.parameters["rtpi"] = "alice:258 bob:2";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.configfs.find(group + "rtpi") == "0x102");
    CHECK(stage.node.configfs.find(group + "enable") == "1");
    // It is changed while the portal group is disabled.
    stage.parameters["rtpi"] = "3";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.configfs.find(group + "rtpi") == "0x3");
    CHECK(stage.monitor() == ocf::success);

    stage.parameters["iqn"] = "iqn.2026-01.org.example:disk2";
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("rtpi=\"3\": expected one that no other target"));
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("iSCSITarget: one account of discovery for all targets of a node, until the last goes") {
    const std::string place = "target/iscsi/discovery_auth/";
    Stage stage;
    const auto found = [&](const char* file) { return stage.node.configfs.find(place + file); };
    CHECK(stage.act("start") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "0");
    CHECK(stage.act("stop") == ocf::success);

    stage.parameters["discovery_username"] = "finder";
    stage.parameters["discovery_password"] = "a secret of it";
    CHECK(stage.act("start") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "1");
    CHECK(found("userid") == "finder");
    CHECK(stage.monitor() == ocf::success);

    const auto first = stage.parameters;
    stage.parameters["iqn"] = "iqn.2026-01.org.example:disk2";
    stage.parameters["discovery_username"] = "seeker";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("discovery_username=\"seeker\": expected finder"));
    stage.parameters["discovery_username"] = "finder";
    stage.parameters["discovery_password"] = "another one";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("discovery_password: expected the one"));
    CHECK_THAT(stage.reason, !ContainsSubstring("secret"));
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "1");
    stage.parameters["discovery_password"] = "a secret of it";
    CHECK(stage.act("start") == ocf::success);
    const auto second = stage.parameters;

    stage.parameters = first;
    CHECK(stage.act("stop") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "1");
    stage.parameters = second;
    CHECK(stage.monitor() == ocf::success);
    // Somebody lets everybody ask.
    stage.node.configfs.write(place + "enforce_discovery_auth", "0");
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "0");
    CHECK(found("password") == "NULL");

    // What a start has left that was killed before there was a target.
    stage.node.configfs.write(place + "enforce_discovery_auth", "1");
    CHECK(stage.act("stop") == ocf::success);
    CHECK(found("enforce_discovery_auth") == "0");
}

namespace {

/// As LIO makes them, and loses them when the process is killed that makes a portal.
Listener lost_listener(const std::string& address) {
    return {.ip = Ip::parse(address),
            .port = 3260,
            .inode = 4711,
            .cookie = 1,
            .backlog = 256,
            .binds_freely = true};
}

}  // namespace

TEST_CASE("iSCSITarget: a portal at which nobody listens is a failure") {
    Stage stage;
    stage.parameters["portals"] = "10.0.0.7 [2001:db8::7]:3261";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    const auto all = stage.node.connections.portals;
    stage.node.connections.portals = [&] {
        auto listeners = all();
        std::erase_if(listeners, [](const Listener& one) { return one.port == 3261; });
        return listeners;
    };
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("nobody listens at portal [2001:db8::7]:3261"));
    CHECK_THAT(stage.reason, !ContainsSubstring("10.0.0.7"));
    stage.node.connections.tells_listeners = false;
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("iSCSITarget: start ends a listener that the kernel has lost") {
    Stage stage;
    auto& connections = stage.node.connections;
    connections.listening = {lost_listener("0.0.0.0")};
    stage.node.configfs.is_taken = [&](std::uint16_t port) {
        return port == 3260 && !connections.listening.empty();
    };
    CHECK(stage.act("start") == ocf::success);
    CHECK(connections.listening.empty());
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("iSCSITarget: start ends no listener of anybody else, and says whose it is") {
    const auto refused = [](Stage& stage, const std::vector<Listener>& listening) {
        stage.node.connections.listening = listening;
        stage.node.configfs.is_taken = [](std::uint16_t port) { return port == 3260; };
        CHECK(stage.act("start") == ocf::err_generic);
        CHECK_THAT(stage.reason, ContainsSubstring("expected a free port"));
        CHECK(stage.node.connections.listening == listening);
    };
    SECTION("a program") {
        Stage stage;
        const auto process = stage.node.root.path() / "proc/77";
        std::filesystem::create_directories(process / "fd");
        std::ofstream{process / "comm"} << "tgtd\n";
        std::filesystem::create_symlink("socket:[4711]", process / "fd/5");
        refused(stage, {lost_listener("0.0.0.0")});
        CHECK_THAT(stage.reason, ContainsSubstring("tgtd, process 77"));
    }
    SECTION("the kernel, but not its target") {
        Stage stage;
        auto other = lost_listener("0.0.0.0");
        other.binds_freely = false;
        refused(stage, {other});
    }
    SECTION("a kernel that says too little") {
        Stage stage;
        stage.node.connections.tells_listeners = false;
        refused(stage, {lost_listener("0.0.0.0")});
    }
    SECTION("another port") {
        Stage stage;
        auto other = lost_listener("0.0.0.0");
        other.port = 3261;
        refused(stage, {other});
    }
    SECTION("a portal") {
        Stage stage;
        CHECK(stage.act("start") == ocf::success);
        stage.instance = "p_other";
        stage.parameters = {{"iqn", "iqn.2026-01.org.example:disk2"}, {"portals", "10.0.0.7"}};
        stage.node.connections.portals = [] { return std::vector{lost_listener("0.0.0.0")}; };
        refused(stage, {});
        CHECK(stage.node.configfs.portals() == std::vector{Portal::parse("0.0.0.0")});
    }
}

TEST_CASE("iSCSITarget: at depth 10 monitor logs in") {
    Stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.initiator.logins.empty());
    stage.environment["OCF_CHECK_LEVEL"] = "10";
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.initiator.logins.size() == 1);
    stage.node.initiator.refusal = "no resources";
    CHECK(stage.monitor() == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("portal 0.0.0.0:3260: as iqn.2026-11.invalid."
                                               "san-agents:monitor: login: no resources"));
    stage.node.initiator.closed = {"127.0.0.1:3260"};
    CHECK(stage.monitor() == ocf::success);
}

TEST_CASE("iSCSITarget: others can wait for the end of a reload, however it ends") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.parameters["allowed_initiators"] = "iqn.2026-01.org.example:host";
    const auto mark = stage.node.root.path() / "run/resource-agents" /
                      ("san-reload-" + stage.parameters.at("iqn"));
    const auto is_free = [&] {
        const auto fd = Fd::adopt(::open(mark.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(fd);
        return ::flock(fd.raw(), LOCK_EX | LOCK_NB) == 0;
    };
    int changes = 0;
    stage.node.configfs.before_change = [&] {
        CHECK_FALSE(is_free());
        if (++changes == 3) throw Error{Kind::failed, "cut off"};
    };
    CHECK(stage.act("reload-agent") == ocf::err_generic);
    CHECK(changes == 3);
    CHECK(is_free());
    stage.node.configfs.before_change = [] {};
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(std::filesystem::exists(mark));
}
