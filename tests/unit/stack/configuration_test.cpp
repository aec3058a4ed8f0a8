// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/configuration.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/source_directory.hpp"

using namespace san;
using stack::Configuration;

namespace {

std::string content(const std::filesystem::path& path) {
    std::ifstream file{path};
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Configuration with(const std::string& resources, const std::string& constraints = {},
                   const std::string& more = {}) {
    return Configuration::parse("<cib><configuration><resources>" + resources +
                                "</resources><constraints>" + constraints + "</constraints>" +
                                more + "</configuration></cib>");
}

/// A dummy with sets of parameters or whatever else below it.
std::string primitive(const std::string& id, const std::string& inside = {}) {
    return "<primitive id='" + id + "' class='ocf' provider='san' type='T'>" + inside +
           "</primitive>";
}

std::string set(const std::string& kind, const std::string& name, const std::string& value,
                const std::string& attributes = {}) {
    return "<" + kind + " " + attributes + "><nvpair name='" + name + "' value='" + value +
           "'/></" + kind + ">";
}

/// "rsc:role -> with:role (score)", one a line.
std::string shown(const std::vector<stack::Colocation>& all) {
    std::string lines;
    for (const auto& each : all)
        lines += each.rsc + (each.role.empty() ? "" : ":" + each.role) + " with " + each.with_rsc +
                 (each.with_role.empty() ? "" : ":" + each.with_role) + " " +
                 std::to_string(each.score) + "\n";
    return lines;
}

std::string shown(const std::vector<stack::Order>& all) {
    std::string lines;
    for (const auto& each : all)
        lines += each.kind + ": " + each.first_action + " " + each.first + ", " + each.then_action +
                 " " + each.then + (each.symmetrical ? "" : " (one way)") + "\n";
    return lines;
}

std::string constraint(const std::string& kind, const std::string& attributes,
                       const std::string& inside = {}) {
    return "<" + kind + " id='c' " + attributes + ">" + inside + "</" + kind + ">";
}

std::string set_of(const std::string& members, const std::string& attributes = {}) {
    std::string inside;
    for (const char member : members) inside += std::string{"<resource_ref id='"} + member + "'/>";
    return "<resource_set " + attributes + ">" + inside + "</resource_set>";
}

}  // namespace

TEST_CASE("configuration: what is no CIB is refused") {
    CHECK_THROWS_AS(Configuration::parse("nothing"), Error);
    CHECK_THROWS_AS(Configuration::parse("<cib/>"), Error);
    CHECK_THROWS_AS(Configuration::parse("<status/>"), Error);
    CHECK(Configuration::parse("<configuration/>").resources.empty());
}

TEST_CASE("configuration: scores are Pacemaker's") {
    CHECK(stack::score_of("INFINITY") == stack::infinity);
    CHECK(stack::score_of("-INFINITY") == -stack::infinity);
    CHECK(stack::score_of("+100") == 100);
    CHECK(stack::score_of("99999999") == stack::infinity);
    CHECK_FALSE(stack::score_of("much"));
}

TEST_CASE("configuration: of several sets the highest score wins, of equal ones the last") {
    const auto found = with(primitive("a", set("instance_attributes", "p", "1") +
                                               set("instance_attributes", "p", "2")) +
                            primitive("b", set("instance_attributes", "p", "1") +
                                               set("instance_attributes", "p", "2", "score='-5'")));
    CHECK(found.find_resource("a")->parameter("p") == "2");
    CHECK(found.find_resource("b")->parameter("p") == "1");
    CHECK(found.find_resource("b")->parameter("q").empty());
}

TEST_CASE("configuration: sets and values can be references, and operations too") {
    const auto found = with(
        "<primitive id='a' class='ocf' provider='san' type='T'>"
        "<instance_attributes id='ia'><nvpair id='nv' name='p' value='1'/></instance_attributes>"
        "<operations id='ops'><op id='o' name='monitor' interval='10s' timeout='5s'/></operations>"
        "</primitive>" +
        primitive("b", "<instance_attributes id-ref='ia'/><operations id-ref='ops'/>") +
        primitive("c",
                  "<instance_attributes id='x'><nvpair id-ref='nv' name='q'/>"
                  "</instance_attributes>"));
    CHECK(found.find_resource("b")->parameter("p") == "1");
    REQUIRE(found.find_resource("b")->operations.size() == 1);
    CHECK(found.find_resource("b")->operations[0].timeout == "5s");
    CHECK(found.find_resource("c")->parameter("q") == "1");
}

TEST_CASE("configuration: a set with a rule is left aside, and said") {
    const auto found = with(primitive("a",
                                      "<instance_attributes id='x'><rule id='r' score='1'/>"
                                      "<nvpair name='p' value='night'/></instance_attributes>"));
    CHECK(found.find_resource("a")->parameter("p").empty());
    CHECK(found.find_resource("a")->has_rules);
}

TEST_CASE("configuration: a template gives what the resource does not say itself") {
    const auto found =
        with("<template id='t' class='ocf' provider='linbit' type='drbd'>" +
             set("instance_attributes", "p", "1") + set("instance_attributes", "q", "2") +
             "<operations><op id='m' name='monitor' interval='10s' timeout='1s'/>"
             "<op id='s' name='start' timeout='2s'/></operations></template>"
             "<primitive id='a' template='t'>" +
             set("instance_attributes", "p", "own") +
             "<operations><op id='n' name='monitor' interval='10s' timeout='9s'/></operations>"
             "</primitive>");
    const auto& a = *found.find_resource("a");
    CHECK(a.agent() == "ocf:linbit:drbd");
    CHECK(a.parameter("p") == "own");
    CHECK(a.parameter("q") == "2");
    REQUIRE(a.operations.size() == 2);
    CHECK(a.operations[0].timeout == "9s");
    CHECK(a.operations[1].name == "start");
    CHECK(found.resources.size() == 1);
}

TEST_CASE("configuration: meta attributes come from group, clone and defaults as well") {
    const auto found = with(
        "<clone id='c'>" + set("meta_attributes", "promotable", "true") +
            set("meta_attributes", "resource-stickiness", "1") + "<group id='g'>" +
            set("meta_attributes", "resource-stickiness", "2") + primitive("a") +
            primitive("b", set("meta_attributes", "resource-stickiness", "3")) +
            "</group></clone>" + primitive("d"),
        {},
        "<rsc_defaults>" + set("meta_attributes", "resource-stickiness", "4") + "</rsc_defaults>");
    const auto stickiness = [&](const std::string& id) {
        return found.find_resource(id)->meta.at("resource-stickiness");
    };
    CHECK(stickiness("a") == "2");
    CHECK(stickiness("b") == "3");
    CHECK(stickiness("d") == "4");
    CHECK(found.find_resource("b")->group == "g");
    CHECK(found.find_resource("b")->position == 1);
    CHECK(found.find_resource("b")->outermost() == "c");
    CHECK(found.find_resource("d")->outermost() == "d");
    REQUIRE(found.find_clone("c"));
    CHECK(found.find_clone("c")->is_promotable);
    CHECK(found.find_clone("c")->members == std::vector<std::string>{"a", "b"});
    CHECK(found.find_group("g")->members == std::vector<std::string>{"a", "b"});
    CHECK(found.primitives_of("g").size() == 2);
}

TEST_CASE("configuration: operations in old words and new, their timeout also from the defaults") {
    const auto found =
        with(primitive("a",
                       "<operations><op name='monitor' interval='10s' role='Master'/>"
                       "<op name='monitor' interval='11s' role='Unpromoted' timeout='3s' "
                       "on-fail='fence'/></operations>"),
             {}, "<op_defaults>" + set("meta_attributes", "timeout", "60s") + "</op_defaults>");
    const auto& operations = found.find_resource("a")->operations;
    REQUIRE(operations.size() == 2);
    CHECK(operations[0].role == "Promoted");
    CHECK(operations[0].timeout == "60s");
    CHECK(operations[1].timeout == "3s");
    CHECK(operations[1].other.at("on-fail") == "fence");
}

TEST_CASE("configuration: colocations of sets are the pairs that Pacemaker makes of them") {
    const auto pair =
        constraint("rsc_colocation",
                   "score='100' rsc='a' rsc-role='Started' with-rsc='b' with-rsc-role='Master'");
    CHECK(shown(with({}, pair).colocations) == "a:Started with b:Promoted 100\n");
    const auto loose = constraint("rsc_colocation", "rsc='a' with-rsc='b'");
    CHECK(shown(with({}, loose).colocations) == "a with b 0\n");
    const auto chain = constraint("rsc_colocation", "score='INFINITY'", set_of("abc"));
    CHECK(shown(with({}, chain).colocations) == "b with a 1000000\nc with b 1000000\n");
    const auto two = constraint("rsc_colocation", "score='INFINITY'",
                                set_of("ab", "sequential='false'") + set_of("c", "role='Master'"));
    CHECK(shown(with({}, two).colocations) ==
          "a with c:Promoted 1000000\nb with c:Promoted 1000000\n");
}

TEST_CASE("configuration: orders of sets are the pairs that Pacemaker makes of them") {
    const auto pair = constraint("rsc_order",
                                 "first='a' first-action='promote' then='b' "
                                 "then-action='start' kind='Mandatory'");
    CHECK(shown(with({}, pair).orders) == "Mandatory: promote a, start b\n");
    const auto old = constraint("rsc_order", "first='a' then='b' score='0' symmetrical='false'");
    CHECK(shown(with({}, old).orders) == "Optional: start a, start b (one way)\n");
    const auto sets = constraint(
        "rsc_order", "", set_of("ab", "sequential='false' action='promote'") + set_of("cd"));
    CHECK(shown(with({}, sets).orders) ==
          "Mandatory: promote a, start c\nMandatory: promote b, start c\n"
          "Mandatory: start c, start d\n");
}

TEST_CASE("configuration: locations keep their rules") {
    const auto found = with(
        {}, constraint("rsc_location", "rsc='ms'",
                       "<rule id='r' score='-INFINITY' role='Master'>"
                       "<expression attribute='#uname' operation='ne' value='alice'/></rule>"));
    REQUIRE(found.locations.size() == 1);
    const auto& location = found.locations[0];
    CHECK(location.resources == std::vector<std::string>{"ms"});
    REQUIRE(location.rules.size() == 1);
    CHECK(location.rules[0].role == "Promoted");
    CHECK(location.rules[0].expressions[0].value == "alice");
}

TEST_CASE("configuration: the set that Pacemaker puts first wins among properties") {
    const auto found = with(
        {}, {},
        "<crm_config>" +
            set("cluster_property_set", "stonith-enabled", "true", "id='cib-bootstrap-options'") +
            set("cluster_property_set", "stonith-enabled", "false", "id='own' score='1000'") +
            "</crm_config><nodes><node id='1' uname='alice'/></nodes>");
    CHECK(found.property({"fencing-enabled", "stonith-enabled"}) == "true");
    CHECK(found.nodes.at(0).name == "alice");
}

TEST_CASE("configuration: the reviewed stacks are read whole") {
    const auto found = Configuration::parse(
        content(test::source_directory() + "/tests/data/templates/san-iscsi-per-lun.xml"));
    const auto* drbd = found.find_resource("p_drbd_san_1");
    REQUIRE(drbd);
    REQUIRE(found.find_clone(drbd->clone));
    CHECK(found.find_clone(drbd->clone)->is_promotable);
    CHECK(drbd->operations.size() == 7);

    int read = 0;
    for (const auto* directory : {"templates", "cib/states"})
        for (const auto& file : std::filesystem::directory_iterator{test::source_directory() +
                                                                    "/tests/data/" + directory}) {
            if (file.path().extension() != ".xml") continue;
            INFO(file.path());
            CHECK_FALSE(Configuration::parse(content(file.path())).resources.empty());
            ++read;
        }
    CHECK(read > 40);
}
