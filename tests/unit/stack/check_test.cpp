// SPDX-License-Identifier: GPL-2.0-or-later
// What rules are made of, and what becomes of findings. The rules themselves are tested through
// san-check (tests/check).
#include "base/error.hpp"
#include "stack/check_report.hpp"
#include "stack/check_sources.hpp"
#include "stack/identity.hpp"
#include "stack/relations.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using stack::Configuration;
using stack::Relations;
using stack::Resource;
using stack::Severity;

namespace {

std::string primitive(const std::string& id) {
    return "<primitive id='" + id + "' class='ocf' provider='san' type='T'/>";
}

Configuration with(const std::string& constraints) {
    return Configuration::parse(
        "<configuration><resources><clone id='ms'><meta_attributes id='m'>"
        "<nvpair id='n' name='promotable' value='true'/></meta_attributes>" +
        primitive("d") + "</clone><group id='g'>" + primitive("a") + primitive("b") + "</group>" +
        primitive("c") + "</resources><constraints>" + constraints +
        "</constraints></configuration>");
}

const Resource& of(const Configuration& configuration, const std::string& id) {
    return *configuration.find_resource(id);
}

Resource unit(const std::string& id, const stack::Values& parameters) {
    return {.id = id,
            .standard = "ocf",
            .provider = "san",
            .type = "iSCSILogicalUnit",
            .parameters = parameters};
}

}  // namespace

TEST_CASE("relations: order reaches through groups and clones, if it is mandatory and both ways") {
    const auto found = with(
        "<rsc_order id='o' first='ms' first-action='promote' then='g' then-action='start'/>"
        "<rsc_order id='p' first='g' then='c'/>");
    const Relations relations{found};
    CHECK(relations.is_before(of(found, "d"), "promote", of(found, "a")));
    CHECK(relations.is_before(of(found, "d"), "promote", of(found, "c")));
    CHECK(relations.is_before(of(found, "a"), "start", of(found, "b")));
    CHECK_FALSE(relations.is_before(of(found, "b"), "start", of(found, "a")));
    for (const auto* weak : {"kind='Optional'", "symmetrical='false'", "score='0'"}) {
        const auto other = with(std::string{"<rsc_order id='o' first='ms' first-action='promote' "
                                            "then='g' then-action='start' "} +
                                weak + "/>");
        CHECK_FALSE(Relations{other}.is_before(of(other, "d"), "promote", of(other, "a")));
    }
    const auto started = with("<rsc_order id='o' first='ms' then='g'/>");
    CHECK_FALSE(Relations{started}.is_before(of(started, "d"), "promote", of(started, "a")));
}

TEST_CASE("relations: colocation with the promoted side, and only with that") {
    const auto bound = with(
        "<rsc_colocation id='x' score='INFINITY' rsc='g' with-rsc='ms' with-rsc-role='Master'/>"
        "<rsc_colocation id='y' score='INFINITY' rsc='c' with-rsc='ms' with-rsc-role='Promoted'/>");
    const Relations relations{bound};
    CHECK(relations.is_where_promoted(of(bound, "b"), of(bound, "d")));
    CHECK(relations.are_together(of(bound, "b"), of(bound, "c")));
    for (const auto* loose : {"score='INFINITY' with-rsc-role='Started'", "score='INFINITY'",
                              "score='1000' with-rsc-role='Master'"}) {
        const auto other =
            with(std::string{"<rsc_colocation id='x' rsc='c' with-rsc='ms' "} + loose + "/>");
        CHECK_FALSE(Relations{other}.is_where_promoted(of(other, "c"), of(other, "d")));
        CHECK_FALSE(Relations{other}.are_together(of(other, "c"), of(other, "d")));
    }
}

TEST_CASE("identity: by what initiators tell units apart") {
    using stack::shared_identity;
    const stack::Values target{{"target_iqn", "iqn.2026-01.org.example:san"}};
    const auto plus = [&](stack::Values more) {
        more.insert(target.begin(), target.end());
        return more;
    };
    CHECK_FALSE(shared_identity(unit("a", plus({{"lun", "1"}})), unit("b", plus({{"lun", "2"}}))));
    const auto same =
        shared_identity(unit("a", {{"scsi_sn", "77"}}), unit("b", {{"scsi_sn", "77"}}));
    REQUIRE(same);
    CHECK(same->parameter == "scsi_sn");
    // Letters that are no hex digits are passed over by LIO.
    CHECK(shared_identity(unit("a", {{"scsi_sn", "x77"}}), unit("b", {{"scsi_sn", "y77"}})));
    // tgt's identifier is the first 16 characters of the name.
    const auto cut = shared_identity(unit("p_lun_of_storage_1", {{"implementation", "tgt"}}),
                                     unit("p_lun_of_storage_2", {{"implementation", "tgt"}}));
    REQUIRE(cut);
    CHECK(cut->parameter == "scsi_id");
}

TEST_CASE("vocabulary: portals without their ports; everywhere is no list") {
    Resource target{.standard = "ocf", .provider = "san", .type = "iSCSITarget"};
    const auto of_portals = [&](const std::string& text) {
        target.parameters["portals"] = text;
        return stack::portals_of(target);
    };
    CHECK(of_portals("10.0.0.1:3260 [fd00::1]:860 fd00::2") ==
          stack::Words{"10.0.0.1", "fd00::1", "fd00::2"});
    CHECK(of_portals("0.0.0.0:3260").empty());
    CHECK(of_portals("").empty());
}

TEST_CASE("vocabulary: words of commands are safe to type") {
    CHECK(stack::shell_word("/etc/drbd.d/r0.res") == "/etc/drbd.d/r0.res");
    CHECK(stack::shell_word("$(reboot)") == "'$(reboot)'");
    CHECK(stack::shell_word("it's") == "'it'\\''s'");
    CHECK(stack::shell_word("") == "''");
}

TEST_CASE("rules: names are unique, and one that is none is refused") {
    std::set<std::string> names;
    for (const auto& rule : stack::all_rules()) {
        INFO(rule.name);
        CHECK(names.insert(rule.name).second);
        CHECK_FALSE(rule.brief.empty());
        // Without facts no rule has anything to say.
        CHECK(rule.check({}).empty());
    }
    CHECK_THROWS_AS(stack::check({}, {"nonsense"}), Error);
    CHECK_THROWS_AS(stack::check({}, {}, {"nonsense"}), Error);
}

TEST_CASE("rules: tgt's daemon may start at boot, targets of its files may not") {
    stack::Facts facts{.cluster = Configuration::parse(
                           "<configuration><resources><primitive id='t' class='ocf' "
                           "provider='san' type='iSCSITarget'/></resources></configuration>"),
                       .nodes = {{.name = "alice", .units_at_boot = {"tgt.service"}}}};
    CHECK(stack::check(facts, {"service-at-boot"}).empty());
    facts.nodes[0].tgt_targets = {"iqn.2026-01.a:old"};
    CHECK(stack::check(facts, {"service-at-boot"}).size() == 1);
}

TEST_CASE("rules: a disk below DRBD is rejected by any of its names") {
    stack::Facts facts{
        .cluster = Configuration::parse("<configuration><resources><primitive id='v' class='ocf' "
                                        "provider='san' type='LVM'/></resources></configuration>"),
        .drbd =
            stack::Drbd_configuration{
                {{.name = "r0",
                  .hosts = {{.name = "alice", .volumes = {{.disk = "/dev/disk/by-id/w"}}}}}}},
        .nodes = {
            {.name = "alice", .lvm = stack::Lvm_settings{.global_filter = {"r|^/dev/sdb|"}}}}};
    CHECK(stack::check(facts, {"lvm-filter"}).size() == 1);
    facts.nodes[0].devices = {{"/dev/disk/by-id/w", {"/dev/sdb1"}}};
    CHECK(stack::check(facts, {"lvm-filter"}).empty());
    facts.nodes[0].lvm->global_filter = {"a|^/dev/disk|", "r|^/dev/sdb|"};
    CHECK(stack::check(facts, {"lvm-filter"}).size() == 1);
}

TEST_CASE("report: three forms of the same, and the worst is the status") {
    stack::Report report{.findings = {{Severity::error, "ms \"a\"", "no <notify>", "set it", "r"},
                                      {Severity::note, "b\033[2J", "little", "", "q"}},
                         .sources = {{"cluster", "cib.xml", true}, {"drbd", "no file", false}},
                         .rules = 2};
    CHECK(stack::status_of(report.findings) == 2);
    CHECK(stack::status_of({{.severity = Severity::warning}}) == 1);
    CHECK(stack::status_of({{.severity = Severity::note}}) == 0);
    CHECK(stack::as_text(report, false) ==
          "error: ms \"a\": no <notify> [r]\n    mend: set it\nnote: b?[2J: little [q]\n\n"
          "1 error, 0 warnings, 1 note by 2 rules.\nlooked at cluster: cib.xml\n"
          "not looked at: drbd: no file\n");
    CHECK(stack::as_text(report, true).find("\033[1;31merror\033[0m: ms") == 0);
    CHECK(stack::as_xml(report).find("subject=\"ms &quot;a&quot;\"") != std::string::npos);
    CHECK(stack::as_xml(report).find("no &lt;notify&gt;") != std::string::npos);
    CHECK(stack::as_json(report).find("\"subject\": \"ms \\\"a\\\"\"") != std::string::npos);
}

TEST_CASE("sources: another node is asked by ssh, and one that does not answer is a gap") {
    test::Fake_commands commands;
    commands.on({"ssh"}).exits(255).complains("ssh: connect to host bob: No route to host");
    commands.on({"ssh", "-oBatchMode=yes", "-oConnectTimeout=5", "--", "alice"})
        .prints("<san-facts version='1' node='other'><unit name='drbd.service'/></san-facts>");
    const stack::Wanted_sources wanted{.facts = {"/dev/null"}, .nodes = {}};
    CHECK_THROWS_AS(stack::gather(wanted, "me", commands), Error);

    const auto found = stack::gather(
        {.lvm = "/dev/null", .nodes = {"alice", "bob", "-oProxyCommand=x"}}, "me", commands);
    REQUIRE(found.facts.nodes.size() == 1);
    CHECK(found.facts.nodes[0].name == "alice");
    CHECK(found.facts.nodes[0].units_at_boot == stack::Words{"drbd.service"});
    std::string gaps;
    for (const auto& gap : found.facts.gaps) gaps += gap.subject + "\n";
    CHECK(gaps == "node bob\nnode -oProxyCommand=x\n");
    CHECK(commands.asked.size() == 2);
}
