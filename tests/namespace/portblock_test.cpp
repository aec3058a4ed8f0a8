// SPDX-License-Identifier: GPL-2.0-or-later
// The executable beside the tools of others: what they flush, what the shell agent left, and what
// becomes of connections.
#include <future>

#include "kernel/connections.hpp"
#include "ocf/exit_code.hpp"
#include "support/agent_process.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"
#include "support/private_network.hpp"
#include "support/traffic.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::Reply;

namespace {

const auto vip = Ip::parse("10.0.0.7");
const auto vip6 = Ip::parse("2001:db8::7");

std::string run(const std::string& command) {
    return Programs{}.must({"bash", "-e", "-c", command}, Deadline::in(10s)).out;
}

/// A node with the service's addresses, a neighbour, and a pair of resources.
struct Stage {
    Stage() {
        for (const auto* words :
             {"address add 10.0.0.7/24 dev eth0", "address add 2001:db8::7/64 dev eth0 nodad"})
            test::ip(words);
        wire.as_neighbour([] {
            test::ip("address add 10.0.0.2/24 dev far");
            test::ip("address add 2001:db8::2/64 dev far nodad");
        });
        for (auto* one : {&block, &unblock})
            one->environment = {{"HA_RSCTMP", state.path().string()}};
        block.instance = "p_block";
        unblock.instance = "p_unblock";
    }
    ~Stage() { run("nft flush ruleset"); }
    void set(const std::string& name, const std::string& value) {
        block.parameters[name] = value;
        unblock.parameters[name] = value;
    }
    static test::Agent_process with(const std::string& action) {
        return {SAN_AGENT,
                {{"protocol", "tcp"}, {"portno", "3260"}, {"ip", "10.0.0.7"}, {"action", action}}};
    }

    test::Wire wire;
    test::Fake_root state;
    test::Agent_process block = with("block");
    test::Agent_process unblock = with("unblock");
};

/// A connection of the neighbour to a service on this node.
struct Conversation {
    Conversation(Stage& stage, const Ip& ip) : service{Transport::tcp, ip, 3260} {
        stage.wire.as_neighbour([&] { client.emplace(Transport::tcp, ip, 3260); });
        REQUIRE(client->is_answered(service));
    }
    test::Service service;
    std::optional<test::Client> client;
};

}  // namespace

TEST_CASE("portblock: what nft flushes is noticed, and what iptables flushes is not ours") {
    for (const auto* flush : {"nft flush ruleset", "nft delete table inet san-portblock",
                              "nft flush table inet san-portblock",
                              "nft flush chain inet san-portblock tcp_3260_10.0.0.7_in"}) {
        Stage stage;
        REQUIRE(stage.block.act("start") == ocf::success);
        run("iptables -w -F; iptables-legacy -w -F; ip6tables -w -F");
        CHECK(stage.block.act("monitor") == ocf::success);
        run(flush);
        CHECK(stage.block.act("monitor") == ocf::err_generic);
        CHECK_THAT(stage.block.reason, ContainsSubstring("port 3260 of 10.0.0.7 is open"));
        CHECK(stage.block.act("start") == ocf::success);
        CHECK(stage.block.act("monitor") == ocf::success);
        CHECK(stage.block.act("stop") == ocf::success);
        CHECK_THAT(run("nft list ruleset"), !ContainsSubstring("san-portblock"));
    }
}

TEST_CASE("portblock: the two ends of a group may start at once") {
    Stage stage;
    for (int round = 0; round < 50; ++round) {
        auto blocked = std::async(std::launch::async, [&] { return stage.block.act("start"); });
        const auto unblocked = stage.unblock.act("start");
        INFO(stage.unblock.reason);
        CHECK(unblocked == ocf::success);
        REQUIRE(blocked.get() == ocf::success);
        CHECK(stage.block.act("monitor") == ocf::success);
        CHECK(stage.unblock.act("monitor") == ocf::success);
        REQUIRE(stage.unblock.act("stop") == ocf::success);
        REQUIRE(stage.block.act("stop") == ocf::success);
    }
}

TEST_CASE("portblock: a rule set that was saved and loaded is whole") {
    Stage stage;
    stage.set("portno", "80,1000:2000");
    stage.set("ip", "2001:db8::7");
    stage.set("direction", "both");
    stage.set("method", "reject");
    REQUIRE(stage.block.act("start") == ocf::success);
    const auto file = stage.state.path().string() + "/rules";
    run("nft list ruleset >" + file + "; nft flush ruleset; nft -f " + file);
    CHECK(stage.block.act("monitor") == ocf::success);
    CHECK(stage.unblock.act("start") == ocf::success);
    CHECK_THAT(run("nft list ruleset"), !ContainsSubstring("san-portblock"));
}

TEST_CASE("portblock: start leaves no rule of the shell agent behind, and nobody else's touched") {
    struct Old {
        const char* ip;
        const char* direction;
        const char* portno;
        const char* rule;
        const char* list;
    };
    const std::string nft =
        "nft add table inet portblock; "
        "nft add chain inet portblock INPUT '{ type filter hook input priority "
        "0; }'; nft add chain inet portblock OUTPUT '{ type filter hook output "
        "priority 0; }'; ";
    const Old all[] = {
        {"10.0.0.7", "in", "3260",
         "iptables -w -I INPUT -p tcp -d 10.0.0.7 -m multiport --dports 3260 -j DROP", "iptables"},
        {"10.0.0.7", "out", "80,1000:1010",
         "iptables -w -I OUTPUT -p tcp -s 10.0.0.7 -m multiport --sports 80,1000:1010 -j DROP",
         "iptables"},
        {"10.0.0.7", "in", "80,81",
         "iptables -w -I INPUT -p tcp -d 10.0.0.7 -m multiport --dports 80,81 -m conntrack "
         "--ctstate NEW,ESTABLISHED,RELATED -j REJECT --reject-with tcp-reset",
         "iptables"},
        {"0.0.0.0/0", "in", "3260",
         "iptables -w -I INPUT -p tcp -d 0.0.0.0/0 -m multiport --dports 3260 -j DROP", "iptables"},
        {"10.0.0.0/24", "in", "3260",
         "iptables -w -I INPUT -p tcp -d 10.0.0.0/24 -m multiport --dports 3260 -j DROP",
         "iptables"},
        {"10.0.0.0/29", "in", "3260",
         "iptables -w -I INPUT -p tcp -d 10.0.0.0/29 -m multiport --dports 3260 -j DROP",
         "iptables"},
        {"2001:db8::7", "in", "3260",
         "ip6tables -w -I INPUT -p tcp -d 2001:db8::7 -m multiport --dports 3260 -j DROP",
         "ip6tables"},
        {"10.0.0.7", "in", "3260",
         "iptables-legacy -w -I INPUT -p tcp -d 10.0.0.7 -m multiport --dports 3260 -j DROP",
         "iptables-legacy"},
        {"2001:db8::7", "out", "80,443",
         "ip6tables-legacy -w -I OUTPUT -p tcp -s 2001:db8::7 -m multiport --sports 80,443 -j DROP",
         "ip6tables-legacy"},
        {"10.0.0.7", "in", "3260",
         "nft insert rule inet portblock INPUT ip daddr 10.0.0.7 tcp dport 3260 ct state { "
         "established, related, new } drop",
         "nft"},
        {"0.0.0.0/0", "out", "3260",
         "nft insert rule inet portblock OUTPUT ip saddr 0.0.0.0/0 tcp sport 3260 ct state { "
         "established, related, new } reject with tcp reset",
         "nft"},
        {"2001:db8::7", "in", "3260",
         "nft insert rule inet portblock INPUT ip6 daddr 2001:db8::7 tcp dport 3260 ct state { "
         "established, related, new } drop",
         "nft"}};
    for (const auto& old : all) {
        INFO(old.rule);
        Stage stage;
        const std::string list = old.list == std::string{"nft"} ? "nft list table inet portblock"
                                                                : old.list + std::string{" -w -S"};
        run(nft);
        // Rules that resemble it, and are not it: one that lets through, and other ports.
        run("iptables -w -A INPUT -p tcp -d 10.0.0.7 -m multiport --dports 3260 -j ACCEPT; "
            "iptables -w -A INPUT -p tcp -d 10.0.0.7 -m multiport --dports 3261 -j DROP; "
            "iptables -w -A INPUT -p tcp -d 10.0.0.7 -m multiport ! --dports 3260 -j DROP; "
            "iptables -w -A INPUT -p tcp -d 10.0.0.7 -m multiport --sports 3260 -j DROP; "
            "iptables -w -A INPUT -p udp -d 10.0.0.7 -m multiport --dports 3260 -j DROP; "
            "iptables -w -A INPUT -i eth0 -p tcp -d 10.0.0.7 -m multiport --dports 3260 -j DROP; "
            "nft add rule inet portblock INPUT ip daddr 10.0.0.8 tcp dport 3260 drop; "
            "nft add rule inet portblock INPUT ip daddr 10.0.0.7 tcp dport 3260 accept");
        run("iptables-legacy -w -A INPUT -p tcp -d 10.0.0.8 -m multiport --dports 3260 -j DROP");
        const auto before = run(list);
        // As often as a shell agent that does not recognise its rules has been started.
        run(std::string{old.rule} + "; " + old.rule);
        REQUIRE(run(list) != before);
        stage.set("ip", old.ip);
        stage.set("direction", old.direction);
        stage.set("portno", old.portno);
        CHECK(stage.unblock.act("start") == ocf::success);
        CHECK(run(list) == before);
        CHECK_THAT(run("nft list ruleset"), !ContainsSubstring("san-portblock"));
        run("iptables-legacy -w -F; ip6tables-legacy -w -F");
    }
}

TEST_CASE("portblock: connections end with the service, and the client does not notice") {
    for (const auto& ip : {vip, vip6}) {
        Stage stage;
        stage.set("ip", ip.to_text());
        stage.unblock.parameters["reset_local_on_unblock_stop"] = "true";
        REQUIRE(stage.unblock.act("start") == ocf::success);
        Conversation conversation{stage, ip};
        const auto connections = make_connections();
        REQUIRE(connections->established({ip, ip.bits()}).size() == 1);
        CHECK(stage.unblock.act("stop") == ocf::success);
        CHECK(connections->established({ip, ip.bits()}).empty());
        // It hears nothing, then and later: neither an end nor a reset.
        CHECK(conversation.client->exchange(conversation.service) == Reply::silence);
        CHECK_THAT(run("nft list ruleset"), !ContainsSubstring("mute"));
    }
}

TEST_CASE("portblock: the client of a connection that another node had is told") {
    for (const auto& ip : {vip, vip6}) {
        Stage stage;
        stage.set("ip", ip.to_text());
        stage.set("direction", "both");
        stage.unblock.parameters["tickle_dir"] = stage.state.path();
        stage.unblock.environment["OCF_RESKEY_CRM_meta_interval"] = "10000";
        REQUIRE(stage.unblock.act("start") == ocf::success);
        Conversation conversation{stage, ip};
        CHECK(stage.unblock.act("monitor") == ocf::success);
        CHECK(stage.unblock.act("stop") == ocf::success);
        // This node forgets it, as one that never had it, and cannot say so.
        make_connections()->end({ip, ip.bits()}, 1, 65535);
        CHECK_FALSE(conversation.client->is_told_of_end());
        CHECK(stage.unblock.act("start") == ocf::success);
        CHECK(conversation.client->is_told_of_end());
    }
}
