// SPDX-License-Identifier: GPL-2.0-or-later
// A cluster whose agents can be changed: a configuration with versions, and Pacemaker's programs as
// far as a migration uses them. Any of its answers can be the last one that somebody gets.
#pragma once

#include <set>
#include <stdexcept>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cluster.hpp"
#include "stack/cib_copy.hpp"
#include "stack/cluster_picture.hpp"

namespace san::test {

/// The program was killed there. Not an Error: nobody may catch it.
struct Killed {};

class Migrating_cluster final : public cluster::Cluster, public Commands {
public:
    /// Ids of primitives, and where each of them really runs, whoever looks.
    stack::Places truth{
        {"p_drbd@alice", "Promoted"}, {"p_drbd@bob", "Unpromoted"}, {"p_lvm@alice", "Started"}};
    /// What an agent says instead: by "PROVIDER:ID@NODE"; empty is stopped.
    std::map<std::string, std::string> lies;
    std::map<std::string, std::string> providers{{"p_drbd", "linbit"}, {"p_lvm", "heartbeat"}};
    std::string options;    ///< XML inside the usual set of properties
    std::string sets;       ///< further sets
    std::string failures;   ///< XML of crm_mon
    std::string actions;    ///< XML of crm_simulate, without maintenance mode
    std::string lvm_extra;  ///< more parameters of p_lvm
    std::set<std::string> missing;
    int not_valid = 0;   ///< exit code of validate-all
    std::string reason;  ///< what it says
    bool ssh_works = true;
    int kill_at = -1;         ///< the call that does not come back
    bool kill_after = false;  ///< it did its work before
    std::vector<std::string> did;

    std::string cib() const {
        std::string text =
            "<cib admin_epoch=\"0\" epoch=\"" + std::to_string(version_) +
            "\" num_updates=\"0\" have-quorum=\"1\"><configuration>" +
            (crm_config_.empty()
                 ? "<crm_config><cluster_property_set id=\"cib-bootstrap-options\">" + options +
                       "</cluster_property_set>" + sets + "</crm_config>"
                 : crm_config_) +
            "<nodes><node id=\"1\" uname=\"alice\"/><node id=\"2\" uname=\"bob\"/></nodes>" +
            (resources_.empty() ? resources() : resources_) +
            "<constraints/></configuration><status>" + history("alice") + history("bob") +
            "</status></cib>";
        return text;
    }
    stack::Cib_copy copy() const { return stack::Cib_copy{cib()}; }
    std::string provider(const std::string& id) const { return copy().provider(id); }
    bool in_maintenance() const { return copy().find_property("maintenance-mode") == "true"; }

    // cluster::Cluster

    std::string query(cluster::Span) override {
        step();
        return cib();
    }
    bool change(const cluster::Edit& edit, cluster::Span) override {
        const bool last = before();
        const auto version = "/cib[@admin_epoch='0' and @epoch='" + std::to_string(version_) +
                             "' and @num_updates='0']/configuration/";
        const bool right = edit.where.starts_with(version);
        if (right && edit.where.ends_with("crm_config")) crm_config_ = edit.xml;
        if (right && edit.where.ends_with("resources")) {
            // What the cluster would make of it: other agents, while it has its hands on them.
            if (!in_maintenance()) throw std::logic_error{"providers changed outside maintenance"};
            resources_ = edit.xml;
        }
        if (right) {
            ++version_;
            did.push_back(edit.where.substr(edit.where.rfind('/') + 1));
        }
        if (last) throw Killed{};
        return right;
    }
    void wait(cluster::Span) override {}
    std::optional<cluster::Self> find_self(cluster::Span) override {
        return cluster::Self{.name = "alice", .has_quorum = true};
    }
    bool answers(const std::string&, cluster::Span) override { return true; }

    // Commands

    bool has(const std::string&) const override { return true; }
    Outcome run(const std::vector<std::string>& argv, const Deadline&, std::string_view) override {
        const bool last = before();
        const auto outcome = answer(argv);
        if (last) throw Killed{};
        return outcome;
    }

private:
    static Outcome said(std::string text) {
        return {.status = 0, .out = std::move(text), .err = {}};
    }

    Outcome answer(const std::vector<std::string>& argv) {
        const auto all = text::joined(argv, " ");
        if (argv[0] == "crm_mon") return said(picture());
        if (argv[0] == "crm_simulate")
            return said("<pacemaker-result><actions>" + actions + "</actions></pacemaker-result>");
        if (argv[0] == "ssh") {
            if (!ssh_works) return {.status = 255, .out = {}, .err = "Connection refused"};
            std::string gone;
            for (const auto& each : missing)
                if (all.find(each) != std::string::npos) gone += each + "\n";
            return said(gone);
        }
        if (argv[0] == "env")
            return {.status = not_valid,
                    .out = {},
                    .err = reason.empty() ? "" : "ocf-exit-reason:" + reason + "\n"};
        if (all.starts_with("crm_resource --show-metadata ocf:"))
            return said(
                "<resource-agent><parameters><parameter name=\"drbd_resource\"/><parameter "
                "name=\"volgrpname\"/></parameters></resource-agent>");
        if (all.starts_with("crmadmin --status=alice"))
            return said("Status of crmd@alice: S_IDLE (ok)");
        if (all.starts_with("crm_resource --refresh")) {
            did.push_back("refresh " + argv.back());
            for (const auto& [place, role] : truth) asked_by_[place] = agent_of(place);
            return said("");
        }
        throw std::logic_error{"the test has no reply for: " + all};
    }

    std::string agent_of(const std::string& place) const {
        return provider(place.substr(0, place.find('@')));
    }
    /// As the cluster knows it, from the agent that it asked last.
    std::string seen(const std::string& place) const {
        const auto asked = asked_by_.find(place);
        const auto lie =
            lies.find((asked == asked_by_.end() ? "first" : asked->second) + ":" + place);
        return lie == lies.end() ? truth.at(place) : lie->second;
    }

    std::string picture() const {
        std::string text =
            "<pacemaker-result><summary><current_dc present=\"true\" name=\"alice\" "
            "with_quorum=\"true\"/><cluster_options maintenance-mode=\"" +
            std::string{in_maintenance() ? "true" : "false"} +
            "\" stonith-enabled=\"true\"/></summary><nodes>";
        for (const auto* node : {"alice", "bob"})
            text += "<node name=\"" + std::string{node} + "\" online=\"true\" type=\"member\"/>";
        text += "</nodes><resources>";
        for (const auto& [place, role] : truth) {
            const auto at = place.find('@');
            const auto id = place.substr(0, at);
            const auto role_seen = seen(place);
            text += id == "p_drbd" ? "<clone id=\"ms\">" : "<group id=\"g\">";
            text += "<resource id=\"" + id + "\" managed=\"" +
                    (in_maintenance() ? "false" : "true") + "\" role=\"" +
                    (role_seen.empty() ? "Stopped" : role_seen) + "\">";
            if (!role_seen.empty()) text += "<node name=\"" + place.substr(at + 1) + "\"/>";
            text += id == "p_drbd" ? "</resource></clone>" : "</resource></group>";
        }
        return text + "</resources><failures>" + failures + "</failures></pacemaker-result>";
    }

    static std::string history(const std::string& node) {
        return "<node_state uname=\"" + node +
               "\" crmd=\"online\"><lrm><lrm_resources><lrm_resource id=\"p_drbd\"><lrm_rsc_op "
               "op-status=\"0\"/></lrm_resource><lrm_resource id=\"p_lvm\"><lrm_rsc_op "
               "op-status=\"0\"/></lrm_resource></lrm_resources></lrm></node_state>";
    }

    std::string resources() const {
        return "<resources><clone id=\"ms\"><primitive id=\"p_drbd\" class=\"ocf\" provider=\"" +
               providers.at("p_drbd") +
               "\" type=\"drbd\"><instance_attributes id=\"a\"><nvpair id=\"b\" "
               "name=\"drbd_resource\" value=\"r0\"/></instance_attributes></primitive></clone>"
               "<group id=\"g\"><primitive id=\"p_lvm\" class=\"ocf\" provider=\"" +
               providers.at("p_lvm") +
               "\" type=\"LVM\"><instance_attributes id=\"c\"><nvpair id=\"d\" "
               "name=\"volgrpname\" value=\"vg\"/>" +
               lvm_extra + "</instance_attributes></primitive></group></resources>";
    }

    /// Whether this call is the last one. Killed at its beginning, nothing of it happens.
    bool before() {
        const bool here = kill_at >= 0 && calls_ == kill_at;
        ++calls_;
        if (here && !kill_after) throw Killed{};
        return here;
    }
    void step() {
        if (before()) throw Killed{};
    }

    int calls_ = 0;
    int version_ = 7;
    std::string crm_config_, resources_;
    std::map<std::string, std::string> asked_by_;
};

}  // namespace san::test
