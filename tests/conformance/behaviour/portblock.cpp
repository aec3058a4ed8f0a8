// SPDX-License-Identifier: GPL-2.0-or-later
// What only portblock does: pairs, sharing, roles, the list of connections, and what other tools
// and the shell agent leave.
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const auto vip = Ip::parse("10.0.0.7");

/// Several resources on one node, by name.
class Ports {
public:
    int act(const std::string& name, const std::string& action) {
        stage.parameters = parameters;
        stage.parameters["action"] = name.starts_with("unblock") ? "unblock" : "block";
        stage.instance = name;
        if (action == "probe") return stage.probe();
        return action == "monitor" ? stage.monitor() : stage.act(action);
    }
    int start(const std::string& name) { return act(name, "start"); }
    int stop(const std::string& name) { return act(name, "stop"); }
    int monitor(const std::string& name) { return act(name, "monitor"); }
    bool closed() const { return !stage.node.firewall.blocks.empty(); }

    void make_directory(const std::string& path) {
        std::filesystem::create_directories(stage.node.root.path() / path.substr(1));
    }
    std::string content(const std::string& path) {
        return stage.node.files.find(path).value_or("none");
    }
    void write(const std::string& path, const std::string& text) {
        std::ofstream{stage.node.root.path() / path.substr(1)} << text;
    }

    Stage stage;
    test::Parameters parameters = stage.parameters;
};

}  // namespace

TEST_CASE("portblock: a pair at the ends of a group") {
    Ports ports;
    CHECK(ports.start("block") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.monitor("unblock") == ocf::not_running);
    CHECK(ports.start("unblock") == ocf::success);
    CHECK_FALSE(ports.closed());
    CHECK(ports.monitor("block") == ocf::success);
    CHECK(ports.monitor("unblock") == ocf::success);

    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.monitor("block") == ocf::success);
    CHECK(ports.monitor("unblock") == ocf::not_running);
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.stop("block") == ocf::success);
    CHECK_FALSE(ports.closed());
    CHECK(ports.monitor("block") == ocf::not_running);
    CHECK(ports.stage.node.files.names("/run/resource-agents/portblock").empty());
}

TEST_CASE("portblock: the partner is found by what it means, not by how it is spelled") {
    Ports ports;
    ports.parameters = {{"protocol", "tcp"}, {"portno", "443,80,81"}, {"ip", "2001:DB8:0::7"}};
    CHECK(ports.start("block") == ocf::success);
    REQUIRE(ports.closed());
    const auto& block = ports.stage.node.firewall.blocks.begin()->second;
    CHECK(block.name == "tcp_80-81_443_2001-db8--7_in");
    CHECK(block.ports == std::vector<Port_range>{{80, 81}, {443, 443}});
    ports.parameters["portno"] = "80:81,443";
    ports.parameters["ip"] = "2001:db8::7";
    CHECK(ports.start("unblock") == ocf::success);
    CHECK_FALSE(ports.closed());
    CHECK(ports.monitor("block") == ocf::success);
}

TEST_CASE("portblock: a stop of what was never started closes nothing") {
    Ports ports;
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK_FALSE(ports.closed());
    CHECK(ports.monitor("unblock") == ocf::not_running);
}

TEST_CASE("portblock: what others have flushed is a failure, and start mends it") {
    Ports ports;
    ports.start("block");
    ports.stage.node.firewall.flush();
    CHECK(ports.monitor("block") == ocf::err_generic);
    CHECK_THAT(ports.stage.reason, ContainsSubstring("port 3260 of 10.0.0.7 is open"));
    CHECK(ports.start("block") == ocf::success);
    CHECK(ports.closed());
    // Open is open: nothing is missing.
    ports.start("unblock");
    ports.stage.node.firewall.flush();
    CHECK(ports.monitor("block") == ocf::success);
    CHECK(ports.monitor("unblock") == ocf::success);
}

TEST_CASE("portblock: two groups share an address and a port") {
    Ports ports;
    for (const auto* name : {"block1", "unblock1"}) REQUIRE(ports.start(name) == ocf::success);
    // The second group comes, which closes the door for a moment.
    REQUIRE(ports.start("block2") == ocf::success);
    CHECK(ports.closed());
    for (const auto* name : {"block1", "unblock1", "block2"})
        CHECK(ports.monitor(name) == ocf::success);
    REQUIRE(ports.start("unblock2") == ocf::success);
    CHECK_FALSE(ports.closed());
    // It goes, and the first one serves on.
    for (const auto* name : {"unblock2", "block2"}) {
        CHECK(ports.stop(name) == ocf::success);
        CHECK(ports.monitor("block1") == ocf::success);
        CHECK(ports.monitor("unblock1") == ocf::success);
    }
    CHECK_FALSE(ports.closed());
    CHECK(ports.monitor("block2") == ocf::not_running);
}

TEST_CASE("portblock: the older of two groups leaves first") {
    Ports ports;
    for (const auto* name : {"block1", "unblock1", "block2", "unblock2", "block3"})
        REQUIRE(ports.start(name) == ocf::success);
    REQUIRE(ports.closed());
    // The third one is on its way: its door stays closed although others leave.
    CHECK(ports.stop("unblock1") == ocf::success);
    CHECK(ports.monitor("unblock2") == ocf::success);
    CHECK(ports.stop("block1") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.monitor("unblock2") == ocf::success);
    CHECK(ports.start("unblock3") == ocf::success);
    CHECK_FALSE(ports.closed());
    CHECK(ports.stop("unblock3") == ocf::success);
    CHECK(ports.stop("unblock2") == ocf::success);
    CHECK(ports.stop("block2") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.stop("block3") == ocf::success);
    CHECK_FALSE(ports.closed());
}

TEST_CASE("portblock: ports that somebody else closed are a failure") {
    Ports ports;
    ports.start("unblock");
    ports.stage.node.firewall.exchange(
        {}, {{.name = "tcp_3260_10.0.0.7_in", .ports = {{3260, 3260}}, .network = {vip, 32}}});
    CHECK(ports.monitor("unblock") == ocf::err_generic);
    CHECK_THAT(ports.stage.reason, ContainsSubstring("is closed, by no resource"));
}

TEST_CASE("portblock: status_check=rule asks the rules alone") {
    Ports ports;
    ports.parameters["status_check"] = "rule";
    CHECK(ports.monitor("unblock") == ocf::not_running);
    ports.start("block");
    CHECK(ports.monitor("block") == ocf::success);
    ports.start("unblock");
    CHECK(ports.monitor("unblock") == ocf::success);
    CHECK(ports.monitor("block") == ocf::not_running);
}

TEST_CASE("portblock: directions and refusals") {
    Ports ports;
    ports.parameters["direction"] = "both";
    ports.parameters["method"] = "reject";
    ports.start("block");
    const auto& blocks = ports.stage.node.firewall.blocks;
    REQUIRE(blocks.size() == 2);
    CHECK(blocks.at("tcp_3260_10.0.0.7_both.in").side == Block::Side::in);
    CHECK(blocks.at("tcp_3260_10.0.0.7_both.out").side == Block::Side::out);
    CHECK(blocks.begin()->second.answer == Block::Answer::refusal);
    CHECK(ports.monitor("block") == ocf::success);
    ports.stage.node.firewall.exchange({"tcp_3260_10.0.0.7_both.out"}, {});
    CHECK(ports.monitor("block") == ocf::err_generic);
    CHECK(ports.stop("block") == ocf::success);
    CHECK_FALSE(ports.closed());
}

TEST_CASE("portblock: roles of a promotable clone") {
    for (const std::string action : {"block", "unblock"}) {
        Ports ports;
        ports.stage.meta = ports.stage.subject().promotable();
        const bool blocks = action == "block";
        auto& score = ports.stage.node.attributes.scores[action + "@alice"];
        CHECK(ports.monitor(action) == ocf::not_running);
        CHECK(ports.start(action) == ocf::success);
        CHECK(ports.closed() != blocks);
        CHECK(score == 5);
        CHECK(ports.monitor(action) == ocf::success);
        CHECK(ports.act(action, "promote") == ocf::success);
        CHECK(ports.closed() == blocks);
        CHECK(score == 10);
        CHECK(ports.monitor(action) == ocf::running_promoted);
        CHECK(ports.act(action, "demote") == ocf::success);
        CHECK(ports.closed() != blocks);
        CHECK(score == 5);
        CHECK(ports.monitor(action) == ocf::success);
        // Closed is what flushing undoes.
        if (blocks) ports.act(action, "promote");
        ports.stage.node.firewall.flush();
        CHECK(ports.monitor(action) == ocf::err_generic);
        CHECK(ports.stop(action) == ocf::success);
        CHECK_FALSE(ports.closed());
        CHECK(score == std::nullopt);
        CHECK(ports.monitor(action) == ocf::not_running);
    }
}

TEST_CASE("portblock: the list of connections") {
    Ports ports;
    ports.make_directory("/srv/tickles");
    auto& connections = ports.stage.node.connections;
    const Connection one{vip, 3260, Ip::parse("10.0.0.2"), 40000};
    const Connection elsewhere{Ip::parse("10.0.0.1"), 22, Ip::parse("10.0.0.2"), 40001};
    connections.all = {one, elsewhere};
    ports.start("block");
    ports.parameters["tickle_dir"] = "/srv/tickles";
    CHECK(ports.start("unblock") == ocf::success);
    CHECK(connections.tickled.empty());

    CHECK(ports.act("unblock", "probe") == ocf::success);
    CHECK(ports.content("/srv/tickles/10.0.0.7") == "none");
    CHECK(ports.monitor("unblock") == ocf::success);
    CHECK(ports.content("/srv/tickles/10.0.0.7") == "10.0.0.7:3260\t10.0.0.2:40000\n");
    connections.all.push_back({vip, 80, Ip::parse("10.0.0.2"), 1});
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.content("/srv/tickles/10.0.0.7") ==
          "10.0.0.7:80\t10.0.0.2:1\n10.0.0.7:3260\t10.0.0.2:40000\n");
    CHECK(connections.all.size() == 3);

    connections.tickled.clear();
    CHECK(ports.start("unblock") == ocf::success);
    CHECK(connections.tickled.size() == 6);
    CHECK(connections.tickled.back() == one);
}

TEST_CASE("portblock: a list that anybody may have written") {
    Ports ports;
    ports.make_directory("/srv/tickles");
    ports.parameters = {{"protocol", "tcp"},
                        {"portno", "3260"},
                        {"ip", "2001:db8::7"},
                        {"tickle_dir", "/srv/tickles"}};
    ports.write("/srv/tickles/2001:db8::7",
                "[2001:db8::7]:3260\t[2001:db8::2]:1\n"
                "2001:db8::7:3260\t2001:db8::2:2\n"
                "nonsense\tand more\n[2001:db8::7]:99999\t[2001:db8::2]:3\n"
                "[2001:db8::8]:3260\t[2001:db8::2]:4\n10.0.0.7:3260\t10.0.0.2:5\nodd\n");
    CHECK(ports.start("unblock") == ocf::success);
    const auto& tickled = ports.stage.node.connections.tickled;
    REQUIRE(tickled.size() == 6);
    CHECK(tickled.front().remote_port == 1);
    CHECK(tickled.back().remote_port == 2);
}

TEST_CASE("portblock: a directory that is not there fails a start, and never a stop") {
    Ports ports;
    ports.make_directory("/srv/tickles");
    ports.parameters["tickle_dir"] = "/srv/tickles";
    REQUIRE(ports.start("unblock") == ocf::success);
    std::filesystem::remove_all(ports.stage.node.root.path() / "srv");
    ports.stage.node.connections.all = {{vip, 3260, Ip::parse("10.0.0.2"), 40000}};
    CHECK(ports.monitor("unblock") == ocf::success);
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK_FALSE(ports.stage.node.files.exists("/srv"));
    CHECK(ports.start("unblock") == ocf::err_installed);
    CHECK_THAT(ports.stage.reason, ContainsSubstring("tickle_dir=\"/srv/tickles\": expected"));
    CHECK(ports.monitor("unblock") == ocf::not_running);
}

TEST_CASE("portblock: sync_script gets the name of the file, and may fail") {
    Ports ports;
    ports.make_directory("/srv/tickles");
    ports.parameters["tickle_dir"] = "/srv/tickles";
    ports.parameters["sync_script"] = "csync2 -xv";
    ports.stage.node.commands.on({"csync2"}).exits(1).complains("no such host");
    REQUIRE(ports.start("unblock") == ocf::success);
    ports.stage.node.commands.asked.clear();
    CHECK(ports.monitor("unblock") == ocf::success);
    CHECK(ports.stage.node.commands.asked ==
          std::vector<std::string>{"csync2 -xv /srv/tickles/10.0.0.7"});
}

TEST_CASE("portblock: connections are ended behind a closed door, unheard") {
    Ports ports;
    ports.parameters["reset_local_on_unblock_stop"] = "true";
    auto& node = ports.stage.node;
    REQUIRE(ports.start("unblock") == ocf::success);
    node.connections.all = {{vip, 3260, Ip::parse("10.0.0.2"), 40000},
                            {vip, 80, Ip::parse("10.0.0.2"), 40001}};
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(node.connections.all.size() == 1);
    CHECK(node.firewall.blocks.size() == 1);

    REQUIRE(ports.start("unblock") == ocf::success);
    node.connections.all.push_back({vip, 3260, Ip::parse("10.0.0.2"), 40000});
    node.connections.can_end = false;
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(node.firewall.blocks.size() == 1);
}

TEST_CASE("portblock: rules of the shell agent are taken over") {
    Ports ports;
    auto& node = ports.stage.node;
    node.firewall.shell_rules = {{.name = "", .ports = {{3260, 3260}}, .network = {vip, 32}},
                                 {.name = "", .ports = {{80, 80}}, .network = {vip, 32}}};
    node.firewall.iptables = true;
    int copies = 2;
    node.commands.on({"iptables-legacy"}).exits(1).complains("no such rule");
    auto& reply =
        node.commands.on({"iptables-legacy", "-w", "-D", "INPUT", "-p", "tcp", "-d", "10.0.0.7",
                          "-m", "multiport", "--dports", "3260", "-j", "DROP"});
    reply.does([&] { reply.exits(--copies >= 0 ? 0 : 1); });
    for (const auto* name : {"block", "unblock"}) {
        CHECK(ports.start(name) == ocf::success);
        CHECK(node.firewall.shell_rules.size() == 1);
        CHECK(copies < 0);
    }
    for (const auto* program : {"iptables-legacy", "iptables"}) node.commands.uninstall(program);
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.stop("block") == ocf::success);
}

TEST_CASE("portblock: what the shell agent has started goes on, and is stopped") {
    for (const std::string name : {"/run/resource-agents/block",
                                   "/run/resource-agents/portblock_tcp_3260_10.0.0.7_in__block"}) {
        Ports ports;
        ports.stage.node.files.touch(name);
        CHECK(ports.monitor("block") == ocf::success);
        CHECK(ports.stop("block") == ocf::success);
        CHECK_FALSE(ports.stage.node.files.exists(name));
        CHECK(ports.monitor("block") == ocf::not_running);
    }
    Ports ports;
    ports.stage.node.files.touch("/run/resource-agents/unblock");
    CHECK(ports.monitor("unblock") == ocf::success);
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.closed());
    CHECK(ports.monitor("unblock") == ocf::not_running);
}

TEST_CASE("portblock: what we have started goes on with the shell agent, in the right order") {
    Ports ports;
    const auto& files = ports.stage.node.files;
    const std::string directory = "/run/resource-agents/";
    for (const std::string name : {"block", "unblock"}) {
        CHECK(ports.start(name) == ocf::success);
        CHECK(files.exists(directory + name));
        CHECK(files.exists(directory + "portblock_tcp_3260_10.0.0.7_in__" + name));
    }
    CHECK(ports.stop("unblock") == ocf::success);
    CHECK(ports.stop("block") == ocf::success);
    for (const std::string name : {"block", "unblock"}) {
        CHECK_FALSE(files.exists(directory + name));
        CHECK_FALSE(files.exists(directory + "portblock_tcp_3260_10.0.0.7_in__" + name));
    }
}

TEST_CASE("portblock: rules that cannot be had are a failure with the kernel's reason") {
    Ports ports;
    ports.stage.node.firewall.refusal = ENOMEM;
    CHECK(ports.start("block") == ocf::err_generic);
    CHECK_THAT(ports.stage.reason, ContainsSubstring("changing nftables"));
    CHECK(ports.monitor("block") == ocf::err_generic);
    CHECK(ports.stop("block") == ocf::success);
    CHECK(ports.monitor("block") == ocf::not_running);
}

TEST_CASE("portblock: the longest name of a door fits into a file system and a chain") {
    Ports ports;
    std::string many = "10000-10001";
    for (int port = 10010; port < 10160; port += 10)
        many += "," + std::to_string(port) + ":" + std::to_string(port + 1);
    ports.parameters = {{"protocol", "tcp"},
                        {"portno", many},
                        {"direction", "both"},
                        {"ip", "2001:db8:1111:2222:3333:4444:5555:6600/126"}};
    CHECK(ports.start("block") == ocf::success);
    REQUIRE(ports.closed());
    CHECK(ports.stage.node.firewall.blocks.rbegin()->first.size() <= 250);
    CHECK(ports.monitor("block") == ocf::success);
    CHECK(ports.stop("block") == ocf::success);
}
