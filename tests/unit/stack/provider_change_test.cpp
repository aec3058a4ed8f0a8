// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/provider_change.hpp"

#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "stack/migration_rules.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace san::stack;
using Lines = std::vector<std::string>;

namespace {

const std::string cib = R"(<cib admin_epoch="0" epoch="3" num_updates="1"><configuration>
<crm_config><cluster_property_set id="cib-bootstrap-options"/></crm_config><nodes/>
<resources>
 <template id="t_unit" class="ocf" provider="heartbeat" type="iSCSILogicalUnit">
  <instance_attributes id="t_unit-i"><nvpair id="t1" name="target_iqn" value="iqn.x:y"/></instance_attributes>
 </template>
 <primitive id="p_fence" class="stonith" type="fence_ipmilan"/>
 <clone id="ms_r0"><primitive id="p_r0" class="ocf" provider="linbit" type="drbd"/></clone>
 <group id="g_one">
  <primitive id="p_block" class="ocf" provider="heartbeat" type="portblock">
   <instance_attributes id="b-i"><nvpair id="b1" name="ip" value="192.0.2.1"/><nvpair id="b2" name="portno" value="3260"/></instance_attributes>
  </primitive>
  <primitive id="p_fs" class="ocf" provider="heartbeat" type="Filesystem"/>
  <primitive id="p_ip" class="ocf" provider="heartbeat" type="IPaddr2"/>
  <primitive id="p_lu1" template="t_unit">
   <instance_attributes id="l-i"><nvpair id="l1" name="lun" value="1"/></instance_attributes>
  </primitive>
  <primitive id="p_unblock" class="ocf" provider="heartbeat" type="portblock">
   <instance_attributes id="u-i"><nvpair id="u1" name="ip" value="192.0.2.1"/><nvpair id="u2" name="portno" value="3260"/></instance_attributes>
  </primitive>
 </group>
 <master id="ms_old"><group id="g_old"><primitive id="p_scst" class="ocf" provider="scst" type="SCSTLun"/></group></master>
 <primitive id="p_ours" class="ocf" provider="san" type="LVM-activate"/>
</resources><constraints/></configuration><status/></cib>)";

Lines told(const std::vector<Provider_change>& changes) {
    Lines lines;
    for (const auto& change : changes) lines.push_back(change.to_text());
    return lines;
}

Lines chosen(const Selection& selection) { return told(choose(Cib_copy{cib}, selection)); }

}  // namespace

TEST_CASE("provider change: every agent that has one of ours, in templates, groups and clones") {
    CHECK(chosen({}) == Lines{"t_unit: ocf:heartbeat:iSCSILogicalUnit -> ocf:san:iSCSILogicalUnit",
                              "p_r0: ocf:linbit:drbd -> ocf:san:drbd",
                              "p_block: ocf:heartbeat:portblock -> ocf:san:portblock",
                              "p_ip: ocf:heartbeat:IPaddr2 -> ocf:san:IPaddr2",
                              "p_unblock: ocf:heartbeat:portblock -> ocf:san:portblock",
                              "p_scst: ocf:scst:SCSTLun -> ocf:san:SCSTLun"});
    CHECK(chosen({.direction = Direction::back}) ==
          Lines{"p_ours: ocf:san:LVM-activate -> ocf:heartbeat:LVM-activate"});
}

TEST_CASE("provider change: ids choose resources, and all that is below groups and clones") {
    CHECK(chosen({.only = {"ms_r0"}}) == Lines{"p_r0: ocf:linbit:drbd -> ocf:san:drbd"});
    CHECK(chosen({.only = {"p_lu1"}}) ==
          Lines{"t_unit: ocf:heartbeat:iSCSILogicalUnit -> ocf:san:iSCSILogicalUnit"});
    CHECK(chosen({.only = {"g_one"}, .except = {"p_block", "p_unblock", "t_unit"}}) ==
          Lines{"p_ip: ocf:heartbeat:IPaddr2 -> ocf:san:IPaddr2"});
    CHECK_THROWS_WITH(chosen({.only = {"p_typo"}}), ContainsSubstring("p_typo"));
    CHECK_THROWS_WITH(chosen({.except = {"p_typo"}}), ContainsSubstring("p_typo"));
}

TEST_CASE(
    "provider change: a template stands for its primitives, and each says what is around it") {
    const auto changes = choose(Cib_copy{cib}, {});
    CHECK(changes[0].primitives == Lines{"p_lu1"});
    CHECK(changes[0].tops == std::set<std::string>{"g_one"});
    CHECK(changes[5].tops == std::set<std::string>{"ms_old"});
}

TEST_CASE("provider change: nothing but the attribute is different afterwards") {
    Cib_copy copy{cib};
    for (const auto& change : choose(copy, {})) copy.set_provider(change.id, change.to);
    for (const auto& change : choose(copy, {.direction = Direction::back, .except = {"p_ours"}}))
        copy.set_provider(change.id, change.to);
    CHECK(copy.to_text() == Cib_copy{cib}.to_text());
    CHECK(copy.section("resources") == Cib_copy{cib}.section("resources"));
}

TEST_CASE("provider change: two that close and open one port are not separated") {
    const Cib_copy copy{cib};
    CHECK(separations(choose(copy, {}), copy).empty());
    CHECK(separations(choose(copy, {.except = {"p_unblock"}}), copy) ==
          Lines{"p_block and p_unblock are about the same ports: they have to change together"});
}

TEST_CASE("provider change: parameters are looked for in the template too") {
    const std::string metadata =
        "<resource-agent><parameters><parameter name=\"lun\"/>"
        "</parameters></resource-agent>";
    CHECK(unknown_parameters(Cib_copy{cib}, "p_lu1", metadata) == Lines{"target_iqn"});
    CHECK_THROWS_AS(unknown_parameters(Cib_copy{cib}, "p_lu1", "usage:"), Error);
}

TEST_CASE("provider change: of an operation's key the resource is left") {
    CHECK(resource_of("p_lvm_monitor_30000") == "p_lvm");
    CHECK(resource_of("vm_1_migrate_from_0") == "vm_1");
    CHECK(resource_of("p_drbd_reload-agent_0") == "p_drbd");
}

TEST_CASE("provider change: a refreshed resource is waited for on every node that is online") {
    const auto with = [](const std::string& alice, const std::string& bob,
                         const std::string& state = "online") {
        const auto node = [](const std::string& crmd, const std::string& operations) {
            return "<node_state crmd=\"" + crmd + "\"><lrm><lrm_resources>" + operations +
                   "</lrm_resources></lrm></node_state>";
        };
        return "<cib><configuration><crm_config/><resources><clone id=\"ms\"><primitive id=\"d\"/>"
               "</clone><primitive id=\"other\"/></resources></configuration><status>" +
               node("online", alice) + node(state, bob) + "</status></cib>";
    };
    const std::string there = "<lrm_resource id=\"d\"><lrm_rsc_op op-status=\"0\"/></lrm_resource>";
    const std::string pending =
        "<lrm_resource id=\"d\"><lrm_rsc_op op-status=\"-1\"/></lrm_resource>";
    CHECK(is_answered(with(there, there), {"ms"}));
    CHECK_FALSE(is_answered(with(there, ""), {"ms"}));
    CHECK_FALSE(is_answered(with(there, pending), {"ms"}));
    CHECK_FALSE(is_answered(with(there, "<lrm_resource id=\"d\"/>"), {"ms"}));
    CHECK(is_answered(with(there, "", "offline"), {"ms"}));
    // Nothing is under way, whatever was asked for.
    CHECK_FALSE(is_answered(with(pending, there), {}));
}
