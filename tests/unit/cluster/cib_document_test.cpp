// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/cib_document.hpp"

#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/source_directory.hpp"

using namespace san;
using cluster::Cib_document;
using cluster::Constraint;

namespace {

Cib_document recorded(const std::string& name) {
    std::ifstream file{test::source_directory() + "/tests/data/cib/states/" + name + ".xml"};
    std::ostringstream text;
    text << file.rdbuf();
    return Cib_document{text.str()};
}

Cib_document with_resources(const std::string& resources) {
    return Cib_document{"<cib><configuration><resources>" + resources +
                        "</resources></configuration></cib>"};
}

Cib_document with_constraint(const std::string& constraint) {
    return Cib_document{"<cib><configuration><constraints>" + constraint +
                        "</constraints></configuration></cib>"};
}

std::string primitive(const std::string& id, const std::string& attributes) {
    return "<primitive id='" + id + "' class='ocf' provider='san' type='drbd'>" + attributes +
           "</primitive>";
}

constexpr auto parameter =
    "<instance_attributes id='ia'><nvpair id='nv' name='drbd_resource' value='r0'/>"
    "</instance_attributes>";

}  // namespace

TEST_CASE("CIB: the head of it") {
    const auto cib = recorded("online");
    CHECK(cib.this_version() == "/cib[@admin_epoch='0' and @epoch='2' and @num_updates='38']");
    CHECK(cib.has_quorum());
    CHECK(cib.names_leader());
    CHECK_FALSE(recorded("no-quorum").has_quorum());
    CHECK_FALSE(recorded("no-dc").names_leader());
    CHECK(cib.fencing().enabled);
    CHECK(cib.fencing().at_startup);
    CHECK_FALSE(recorded("online-no-stonith").fencing().enabled);
    CHECK_FALSE(recorded("unseen-no-startup-fencing").fencing().at_startup);
}

TEST_CASE("CIB: what is no CIB is an error") {
    CHECK_THROWS_WITH(Cib_document{"Could not connect"}, ContainsSubstring("no XML"));
    CHECK_THROWS_WITH(Cib_document{"<html/>"}, ContainsSubstring("no CIB"));
    CHECK_THROWS_AS(Cib_document{""}, Error);
}

TEST_CASE("CIB: nodes by the names that hosts have") {
    const auto cib = recorded("other-names");
    CHECK(cib.nodes() == std::vector<std::string>{"Alice", "bob.example.com"});
    CHECK(cib.find_node("alice") == "Alice");
    CHECK(cib.find_node("ALICE.example.com") == "Alice");
    CHECK(cib.find_node("bob") == "bob.example.com");
    CHECK(cib.find_node("bob.EXAMPLE.com") == "bob.example.com");
    // Two domains are two hosts.
    CHECK_FALSE(cib.find_node("bob.example.org"));
    CHECK_FALSE(cib.find_node("carol"));
    const Cib_document alike{
        "<cib><configuration><nodes><node id='1' uname='a.one'/><node id='2' uname='a.two'/>"
        "<node id='3' uname='p' type='ping'/></nodes></configuration></cib>"};
    CHECK_FALSE(alike.find_node("a"));
    CHECK_FALSE(alike.find_node("p"));
}

TEST_CASE("CIB: membership in either generation's words") {
    const auto shown = [](const std::string& file) {
        const auto state = recorded(file).find_state("bob");
        if (!state) return std::string{"never seen"};
        return std::string{state->member ? *state->member ? "member " : "left " : "? "} +
               (state->online ? "online " : "offline ") + state->expected.value_or("?") + " " +
               state->join;
    };
    CHECK(shown("online") == "member online member member");
    CHECK(shown("online-times") == "member online member member");
    CHECK(shown("fenced") == "left offline down down");
    CHECK(shown("fenced-times") == "left offline down down");
    CHECK(shown("unclean") == "left offline member member");
    CHECK(shown("pending") == "member online member pending");
    CHECK(shown("nobody-expects") == "left offline ? member");
    CHECK(shown("unseen") == "never seen");
}

TEST_CASE("CIB: of several sets the one with the highest score has the say") {
    const auto enabled = [](const std::string& sets) {
        return Cib_document{"<cib><configuration><crm_config>" + sets +
                            "</crm_config></configuration></cib>"}
            .fencing()
            .enabled;
    };
    const auto set = [](const std::string& id, const std::string& score, const std::string& value) {
        return "<cluster_property_set id='" + id + "'" +
               (score.empty() ? "" : " score='" + score + "'") + "><nvpair id='" + id +
               "-1' name='stonith-enabled' value='" + value + "'/></cluster_property_set>";
    };
    CHECK_FALSE(enabled(set("a", "", "true") + set("b", "5", "false")));
    CHECK(enabled(set("a", "INFINITY", "true") + set("b", "5", "false")));
    CHECK(enabled(set("a", "-INFINITY", "false") + set("b", "-5", "true")));
    CHECK(enabled(set("a", "3", "true") + set("b", "3", "false")));
    CHECK_FALSE(enabled(set("a", "7", "true") + set("cib-bootstrap-options", "", "false")));
    CHECK(enabled("<cluster_property_set id='a' score='9'/>" + set("b", "", "true")));
}

TEST_CASE("CIB: permanent attributes of a node") {
    const auto cib = recorded("online");
    CHECK(cib.find_attribute("alice", "site") == "site1");
    CHECK_FALSE(cib.find_attribute("alice", "colour"));
    CHECK_FALSE(cib.find_attribute("carol", "site"));
}

TEST_CASE("CIB: the clone of a resource, in each form that it can have") {
    for (const auto* name : {"online", "promoted", "master-element", "group", "template"}) {
        INFO(name);
        CHECK(recorded(name).find_clone("r0") == "ms_drbd_san");
        CHECK_FALSE(recorded(name).find_clone("r9"));
    }
    CHECK(recorded("group").find_clone("r1") == "ms_drbd_san");

    // Its parameters by reference.
    CHECK(with_resources(primitive("other", parameter) + "<clone id='c'>" +
                         primitive("p", "<instance_attributes id-ref='ia'/>") + "</clone>")
              .find_clone("r0") == "c");
    CHECK(with_resources("<clone id='c'>" +
                         primitive("p",
                                   "<instance_attributes id='x'><nvpair id-ref='nv' "
                                   "name='drbd_resource'/></instance_attributes>") +
                         "</clone>" + primitive("other", parameter))
              .find_clone("r0") == "c");
    // Not a clone, and another parameter of that value.
    CHECK_FALSE(with_resources(primitive("p", parameter)).find_clone("r0"));
    CHECK_FALSE(with_resources("<clone id='c'>" +
                               primitive("p",
                                         "<instance_attributes id='ia'><nvpair id='nv' "
                                         "name='name' value='r0'/></instance_attributes>") +
                               "</clone>")
                    .find_clone("r0"));
    // A client beside the replicas: the promotable one is meant.
    CHECK(with_resources("<clone id='any'>" + primitive("p", parameter) +
                         "</clone><clone id='promotable'><meta_attributes id='m'><nvpair id='n' "
                         "name='promotable' value='true'/></meta_attributes>" +
                         primitive("q", parameter) + "</clone>")
              .find_clone("r0") == "promotable");
}

TEST_CASE("CIB: a constraint of either script is read, written and compared") {
    const std::string id = "drbd-fence-by-handler-r0-ms_drbd_san";
    const auto eight = recorded("own-constraint").find_constraint(id);
    const auto nine = recorded("own-constraint-9").find_constraint(id);
    REQUIRE((eight && nine));
    CHECK((eight->ours && nine->ours));
    CHECK(eight->constraint.same(nine->constraint));
    CHECK(eight->constraint.to_xml() ==
          "<rsc_location rsc=\"ms_drbd_san\" id=\"drbd-fence-by-handler-r0-ms_drbd_san\">"
          "<rule role=\"Master\" score=\"-INFINITY\" "
          "id=\"drbd-fence-by-handler-r0-rule-ms_drbd_san\">"
          "<expression attribute=\"#uname\" operation=\"ne\" value=\"alice\" "
          "id=\"drbd-fence-by-handler-r0-expr-ms_drbd_san\"/></rule></rsc_location>");
    const auto again = with_constraint(nine->constraint.to_xml()).find_constraint(id);
    REQUIRE(again);
    CHECK(again->constraint.to_xml() == nine->constraint.to_xml());

    const auto other = recorded("peers-constraint").find_constraint(id);
    REQUIRE(other);
    CHECK_FALSE(other->constraint.same(eight->constraint));
    CHECK_FALSE(recorded("online").find_constraint(id));
    // Words of either generation.
    CHECK(recorded("own-constraint-promoted")
              .find_constraint(id)
              ->constraint.same(eight->constraint));
}

TEST_CASE("CIB: a constraint that somebody has changed is not ours") {
    const auto ours = [](const std::string& rule) {
        return with_constraint("<rsc_location id='x' rsc='ms'>" + rule + "</rsc_location>")
            .find_constraint("x")
            ->ours;
    };
    const std::string alice =
        "<expression id='e' attribute='#uname' operation='ne' value='alice'/>";
    CHECK(ours("<rule id='r' role='Master' score='-INFINITY'>" + alice + "</rule>"));
    CHECK_FALSE(ours(""));
    CHECK_FALSE(ours("<rule id='r' role='Master' score='-1000'>" + alice + "</rule>"));
    CHECK_FALSE(
        ours("<rule id='r' role='Master' score='-INFINITY' boolean-op='or'>" + alice + "</rule>"));
    CHECK_FALSE(
        ours("<rule id='r' role='Master' score='-INFINITY'><expression id='e' "
             "attribute='#uname' operation='eq' value='bob'/></rule>"));
    CHECK_FALSE(ours("<rule id='r' role='Master' score='-INFINITY'>" + alice +
                     "<date_expression id='d' operation='lt' end='2030-01-01'/></rule>"));
    CHECK_FALSE(ours("<rule id='r' score='-INFINITY'>" + alice + "</rule><rule id='s' score='0'>" +
                     alice + "</rule>"));
}

TEST_CASE("CIB: names in a constraint's XML are escaped") {
    const Constraint constraint{.id = "a",
                                .clone = "b",
                                .rule_id = "c",
                                .role = "Master",
                                .allowed = {{.attribute = "a<b", .value = "x\"&y", .id = "d"}}};
    const auto found = with_constraint(constraint.to_xml()).find_constraint("a");
    REQUIRE(found);
    CHECK(found->constraint.same(constraint));
}
