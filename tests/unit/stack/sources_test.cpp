// SPDX-License-Identifier: GPL-2.0-or-later
// What other tools' files and reports are read into.
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "stack/agent_advice.hpp"
#include "stack/corosync_configuration.hpp"
#include "stack/drbd_configuration.hpp"
#include "stack/duration.hpp"
#include "stack/facts_document.hpp"
#include "stack/lvm_settings.hpp"
#include "stack/node_survey.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using namespace std::chrono_literals;
using stack::Corosync_configuration;
using stack::Drbd_configuration;
using stack::Lvm_settings;

namespace {

// As drbdadm 9.22 prints it.
constexpr auto dump = R"(<config file="/etc/drbd.conf">
    <common>
        <section name="net">
            <option name="fencing" value="resource-only"/>
            <option name="shared-secret" value="psst"/>
            <option name="allow-two-primaries"/>
        </section>
        <section name="handlers"><option name="fence-peer" value="/usr/sbin/san-fence-peer"/></section>
    </common>
    <resource name="r0" conf-file-line="/etc/drbd.d/r0.res:1">
        <host name="alice">
            <volume vnr="0">
                <device minor="7">/dev/drbd7</device>
                <disk>/dev/sdb1</disk>
                <meta-disk>internal</meta-disk>
                <section name="disk"><option name="resync-after" value="r1/0"/></section>
            </volume>
            <address family="ipv4" port="7788">10.0.0.1</address>
        </host>
        <host name="bob"><volume vnr="0"><disk>none</disk></volume></host>
        <connection>
            <host name="alice"><address family="ipv4" port="7788">10.0.0.1</address></host>
            <section name="net"><option name="protocol" value="A"/></section>
        </connection>
        <section name="net"><option name="fencing" value="resource-and-stonith"/></section>
    </resource>
</config>)";

struct Directory {
    Directory() {
        auto name = (std::filesystem::temp_directory_path() / "san-survey-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Directory() { std::filesystem::remove_all(path); }
    void put(const std::string& file, const std::string& text, unsigned mode = 0644) const {
        const auto at = path / file;
        std::filesystem::create_directories(at.parent_path());
        std::ofstream{at} << text;
        std::filesystem::permissions(at, static_cast<std::filesystem::perms>(mode));
    }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("duration: Pacemaker's words for time") {
    CHECK(stack::duration_of("20") == 20s);
    CHECK(stack::duration_of(" 20 s ") == 20s);
    CHECK(stack::duration_of("1500ms") == 1500ms);
    CHECK(stack::duration_of("2min") == 120s);
    CHECK(stack::duration_of("1h") == 3600s);
    CHECK_FALSE(stack::duration_of("soon"));
    CHECK_FALSE(stack::duration_of(""));
    CHECK(stack::to_text(1500ms) == "1.5 s");
    CHECK(stack::to_text(20s) == "20 s");
}

TEST_CASE("drbd: a resource has what common says, unless it says something itself") {
    const auto found = Drbd_configuration::parse(dump);
    REQUIRE(found.resources.size() == 1);
    const auto& r0 = found.resources[0];
    CHECK(r0.fencing() == "resource-and-stonith");
    CHECK(r0.net("protocol") == "A");
    CHECK(r0.net("allow-two-primaries") == "yes");
    CHECK(r0.has_handler("fence-peer"));
    REQUIRE(r0.hosts.size() == 2);
    CHECK(r0.hosts[0].volumes.at(0).disk == "/dev/sdb1");
    CHECK(r0.hosts[0].volumes.at(0).resync_after == "r1/0");
    CHECK(r0.hosts[0].addresses == stack::Words{"10.0.0.1"});
    CHECK(found.find_by_minor(7) == &r0);
    CHECK_FALSE(found.find_by_minor(8));
    CHECK_THROWS_AS(Drbd_configuration::parse("<cib/>"), Error);
}

TEST_CASE("drbd: what is sent elsewhere has no secret and no place in it") {
    const auto text = stack::comparable(dump);
    CHECK(text.find("psst") == std::string::npos);
    CHECK(text.find("r0.res") == std::string::npos);
    CHECK(Drbd_configuration::parse(text).resources.size() == 1);
}

TEST_CASE("corosync: nodes with their links, token and quorum") {
    const auto found = Corosync_configuration::parse(
        "# two links\ntotem {\n  token: 5000\n  interface {\n    linknumber: 0\n  }\n}\n"
        "nodelist {\n  node {\n    name: alice\n    ring0_addr: 10.0.0.1\n    ring1_addr: "
        "10.1.0.1\n"
        "  }\n  node {\n    name: bob\n    ring0_addr: 10.0.0.2\n    ring1_addr: 10.1.0.2\n  }\n}\n"
        "quorum {\n  provider: corosync_votequorum\n  two_node: 1\n}\n");
    REQUIRE(found.nodes.size() == 2);
    CHECK(found.nodes[1].name == "bob");
    CHECK(found.nodes[1].addresses == stack::Words{"10.0.0.2", "10.1.0.2"});
    CHECK(found.token() == 5s);
    CHECK(found.is_two_node());
    CHECK(found.links() == 2);
    CHECK_FALSE(found.has_device);
    CHECK(Corosync_configuration::parse("quorum {\n device {\n  model: net\n }\n}\n").has_device);
    CHECK(Corosync_configuration::parse("").token() == 3s);
    // More than an int holds.
    CHECK(Corosync_configuration::parse(
              "totem {\n token: 2147483647\n token_coefficient: 2147483647\n}\n"
              "nodelist {\n node {\n }\n node {\n }\n node {\n }\n}\n")
              .token() == std::chrono::milliseconds{4294967294});
    CHECK_THROWS_AS(Corosync_configuration::parse("totem {\n"), Error);
    CHECK_THROWS_AS(Corosync_configuration::parse("}\n"), Error);
}

TEST_CASE("lvm: the first pattern that matches a name decides") {
    const auto found = Lvm_settings::parse(
        "devices {\n  # filter = [ \"r|.*|\" ]\n  global_filter = [ \"a|^/dev/drbd|\",\n"
        "      \"r|^/dev/sdb|\" ]\n}\nactivation {\n  auto_activation_volume_list = [ \"vg0\", "
        "\"vg1/lv\" ]\n}\n");
    CHECK(found.looks_at({"/dev/drbd0"}));
    CHECK_FALSE(found.looks_at({"/dev/sdb1"}));
    CHECK(found.looks_at({"/dev/sdc"}));
    CHECK(found.looks_at({"/dev/sdb1", "/dev/drbd/by-res/r0"}));
    CHECK(found.may_activate("vg0"));
    CHECK(found.may_activate("vg1"));
    CHECK_FALSE(found.may_activate("vg2"));
}

TEST_CASE("lvm: what lvmconfig prints, with a list of devices in place of filters") {
    auto found = Lvm_settings::parse(
        "devices {\n\tuse_devicesfile=1\n\tscan_lvs=0\n\tfilter=[\"a|.*|\"]\n}\n");
    CHECK(found.use_devices_file);
    CHECK(found.looks_at({"/dev/sdb"}));
    found.devices = stack::devices_in(
        "# LVM uses devices listed in this file.\nVERSION=1.1.2\n"
        "IDTYPE=devname IDNAME=/dev/drbd0 DEVNAME=/dev/drbd0 PVID=abc\n");
    CHECK(found.looks_at({"/dev/drbd0"}));
    CHECK_FALSE(found.looks_at({"/dev/sdb"}));
    CHECK(found.may_activate("any"));
    CHECK_FALSE(Lvm_settings::parse("activation {\nauto_activation_volume_list=[]\n}\n")
                    .may_activate("any"));
    // Neither depth nor time without end.
    const auto one = [](const std::string& expression) {
        return Lvm_settings::parse("devices {\nfilter=[\"r|" + expression + "|\"]\n}\n");
    };
    CHECK_FALSE(one("(/|a)*b").looks_at({"/" + std::string(200000, 'a') + "b"}));
    CHECK_THROWS_AS(one("(a*)\\\\1").looks_at({"/dev/sdb"}), Error);
    CHECK_THROWS_AS(one(std::string(5000, '(')).looks_at({"/dev/sdb"}), Error);
    CHECK_FALSE(one("/dev/s" + std::string(400, '+') + "db").looks_at({"/dev/sdb"}));
    CHECK_FALSE(one("/dev/sx*++?+db").looks_at({"/dev/sdb"}));
    CHECK_THROWS_AS(one("((((((((((s+)+)+)+)+)+)+)+)+)+)").looks_at({"/dev/sdb"}), Error);
    CHECK_FALSE(one(std::string(2000, '(') + "s+" + std::string(2000, ')')).looks_at({"/dev/sdb"}));
    // LVM has no counts: a brace is a brace.
    CHECK(one("(b{9999}){9999}").looks_at({"/dev/sdb"}));
    CHECK_FALSE(one("[]x{]").looks_at({"/dev/{"}));
    CHECK_THROWS_AS(Lvm_settings::parse("devices {\nfilter=[\"r|[|\"]\n}\n").looks_at({"/dev/sdb"}),
                    Error);
}

TEST_CASE("advice: of several depths the shallowest, roles in today's words") {
    const auto found = stack::advice_in(
        "<resource-agent name='x'><actions><action name='start' timeout='20'/>"
        "<action name='monitor' timeout='20' depth='0' role='Master'/>"
        "<action name='monitor' timeout='90' depth='10' role='Master'/>"
        "<action name='meta-data' timeout='5'/></actions></resource-agent>");
    CHECK(found == stack::Values{{"start", "20"}, {"monitor:Promoted", "20"}});
    CHECK_THROWS_AS(stack::advice_in("usage: x"), Error);
}

TEST_CASE("advice: an agent that is not there is a gap, a name that is none is not run") {
    stack::Configuration configuration;
    configuration.resources = {{.id = "a", .standard = "ocf", .provider = "san", .type = "drbd"},
                               {.id = "b", .standard = "ocf", .provider = "..", .type = "x"},
                               {.id = "c", .standard = "systemd", .type = "y"}};
    test::Fake_commands commands;
    commands.uninstall("/ocf/resource.d/san/drbd");
    stack::Findings gaps;
    CHECK(stack::ask_agents(configuration, "/ocf", commands, Deadline::in(1s), gaps).empty());
    REQUIRE(gaps.size() == 2);
    CHECK(gaps[0].subject == "ocf:..:x");
    CHECK(commands.asked == std::vector<std::string>{"/ocf/resource.d/san/drbd meta-data"});
}

TEST_CASE("survey: what a node's files say, and their modes") {
    const Directory root;
    root.put("etc/corosync/corosync.conf", "# mine\ntotem {\n  token: 1000\n}\n");
    root.put("etc/corosync/authkey", "k", 0444);
    root.put("etc/lvm/lvm.conf", "devices {\n filter = [ \"r|sdb|\" ]\n}\n");
    root.put("etc/drbd.conf", "include \"drbd.d/*.res\";\n");
    root.put("etc/drbd.d/r0.res", "shared-secret \"psst\";\n", 0640);
    root.put("etc/drbd.d/r1.res", "# shared-secret\n");
    root.put("etc/secret", "x", 0604);
    root.put("etc/systemd/system/multi-user.target.wants/drbd.service", "");
    // Wanted, and masked in the two ways that there are.
    root.put("etc/systemd/system/multi-user.target.wants/target.service", "");
    std::filesystem::create_symlink("/dev/null", root.path / "etc/systemd/system/target.service");
    root.put("etc/systemd/system/multi-user.target.wants/scst.service", "");
    root.put("run/systemd/system/scst.service", "");
    std::filesystem::create_directories(root.path /
                                        "sys/kernel/config/target/iscsi/iqn.2026-01.a:b");
    std::filesystem::create_directories(root.path /
                                        "sys/kernel/config/target/iscsi/discovery_auth");
    root.put("etc/tgt/conf.d/old.conf",
             "# <target iqn.2026-01.a:comment>\n<target iqn.2026-01.a:old>\n</target>\n");
    std::filesystem::create_directories(root.path / "dev/disk/by-id");
    std::filesystem::create_symlink("../../sdb1", root.path / "dev/disk/by-id/wwn-7");
    std::filesystem::create_symlink("../../sdc1", root.path / "dev/disk/by-id/wwn-8");
    test::Fake_commands commands;
    commands.on({"drbdadm"})
        .prints(dump)
        .complains(
            "/etc/drbd.d/r0.res:1: in resource r0:\n\tresource 'r1' mentioned in 'resync-after' "
            "option\n");

    const auto facts =
        stack::survey({.node = "alice", .root = root.path, .secrets = {"/etc/secret"}}, commands,
                      Deadline::in(1s));
    CHECK(facts.corosync == "totem {\ntoken: 1000\n}\n");
    CHECK(facts.units_at_boot == stack::Words{"drbd.service"});
    CHECK(facts.targets == stack::Words{"iqn.2026-01.a:b"});
    REQUIRE(facts.lvm);
    CHECK_FALSE(facts.lvm->looks_at({"/dev/sdb"}));
    REQUIRE(facts.devices.size() == 1);
    CHECK(facts.devices[0].device == "/dev/sdb1");
    CHECK(facts.devices[0].others == stack::Words{"/dev/disk/by-id/wwn-7"});
    CHECK(facts.tgt_targets == stack::Words{"iqn.2026-01.a:old"});
    CHECK(facts.complaints.size() == 2);
    CHECK(facts.gaps.empty());
    std::string secrets;
    for (const auto& file : facts.secrets)
        secrets += file.path + (file.is_open_to_others() ? " open\n" : " closed\n");
    CHECK(secrets == "/etc/corosync/authkey open\n/etc/drbd.d/r0.res closed\n/etc/secret open\n");

    // The same facts arrive at another node.
    const auto again = stack::facts_from_xml(stack::to_xml(facts));
    CHECK(stack::to_xml(again) == stack::to_xml(facts));
    CHECK(again.complaints == facts.complaints);
    CHECK(again.corosync == facts.corosync);
    CHECK(Drbd_configuration::parse(again.drbd).resources.size() == 1);
}

TEST_CASE("survey: what cannot be read is a gap, what is not installed is none") {
    const Directory root;
    test::Fake_commands commands;
    commands.uninstall("drbdadm");
    CHECK(stack::survey({.node = "a", .root = root.path}, commands, Deadline::in(1s)).gaps.empty());
    root.put("etc/drbd.conf", "");
    const auto facts = stack::survey({.node = "a", .root = root.path}, commands, Deadline::in(1s));
    REQUIRE(facts.gaps.size() == 1);
    CHECK(facts.gaps[0] == "DRBD's configuration: drbdadm is not installed");
    CHECK_THROWS_AS(stack::facts_from_xml("<san-facts version='2' node='a'/>"), Error);
    CHECK_THROWS_AS(stack::facts_from_xml("ssh: no route to host"), Error);
}
