// SPDX-License-Identifier: GPL-2.0-or-later
// A cluster with memory: its CIB has versions, an edit of another version finds nothing, and time
// passes only while somebody waits.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "base/error.hpp"
#include "cluster/cluster.hpp"

namespace san::test {

class Fake_cluster final : public cluster::Cluster {
public:
    struct Node {
        std::string name;
        std::string state;  ///< attributes of its node_state; empty: never seen
    };
    static constexpr auto up = R"(in_ccm="true" crmd="online" join="member" expected="member")";
    static constexpr auto lost = R"(in_ccm="false" crmd="offline" join="down" expected="member")";
    static constexpr auto down = R"(in_ccm="false" crmd="offline" join="down" expected="down")";

    std::vector<Node> nodes{{"alice", up}, {"bob", up}};
    bool quorum = true, leader = true, stonith = true;
    bool controller = true;                          ///< that of this node answers
    std::set<std::string> silent;                    ///< nodes whose controllers do not
    std::map<std::string, std::string> constraints;  ///< by id
    int failing_queries = 0;
    int failing_changes = 0;
    /// What happens while somebody waits, one step for each wait.
    std::vector<std::function<void()>> future;
    /// What happens between a look and the change that follows it.
    std::vector<std::function<void()>> ambush;
    cluster::Span now{0};
    std::vector<std::string> did;

    void touch() { ++version_; }

    std::string query(cluster::Span) override {
        if (failing_queries > 0) {
            --failing_queries;
            throw Error{Kind::failed, "connecting to the CIB manager: refused"};
        }
        std::string xml = "<cib admin_epoch='0' epoch='" + std::to_string(version_) +
                          "' num_updates='0' have-quorum='" + (quorum ? "1" : "0") + "'" +
                          (leader ? " dc-uuid='1'" : "") +
                          "><configuration><crm_config><cluster_property_set id='o'><nvpair id='s' "
                          "name='stonith-enabled' value='" +
                          (stonith ? "true" : "false") +
                          "'/></cluster_property_set></crm_config><nodes>";
        int id = 0;
        for (const auto& node : nodes)
            xml += "<node id='" + std::to_string(++id) + "' uname='" + node.name + "'/>";
        xml +=
            "</nodes><resources><clone id='ms'><meta_attributes id='m'><nvpair id='p' "
            "name='promotable' value='true'/></meta_attributes><primitive id='d' class='ocf' "
            "provider='san' type='drbd'><instance_attributes id='i'><nvpair id='n' "
            "name='drbd_resource' value='r0'/></instance_attributes></primitive></clone>"
            "</resources><constraints>";
        for (const auto& [name, constraint] : constraints) xml += constraint;
        xml += "</constraints></configuration><status>";
        for (const auto& node : nodes)
            if (!node.state.empty())
                xml += "<node_state uname='" + node.name + "' " + node.state + "/>";
        return xml + "</status></cib>";
    }

    bool change(const cluster::Edit& edit, cluster::Span) override {
        if (!ambush.empty()) {
            const auto act = ambush.front();
            ambush.erase(ambush.begin());
            act();
        }
        if (failing_changes > 0) {
            --failing_changes;
            throw Error{Kind::failed, "changing the CIB: timer expired"};
        }
        const auto place = "/cib[@admin_epoch='0' and @epoch='" + std::to_string(version_) +
                           "' and @num_updates='0']/configuration/constraints";
        if (!edit.where.starts_with(place)) {
            did.emplace_back("stale");
            return false;
        }
        const auto text = edit.verb == cluster::Edit::Verb::add ? edit.xml : edit.where;
        const auto key = std::string{edit.verb == cluster::Edit::Verb::add ? " id=\"" : "@id='"};
        const auto begin = text.find(key, edit.verb == cluster::Edit::Verb::add ? 0 : place.size());
        if (begin == std::string::npos) throw std::logic_error{"an edit without an id"};
        const auto from = begin + key.size();
        const auto id = text.substr(from, text.find(text[from - 1], from) - from);
        touch();
        switch (edit.verb) {
            case cluster::Edit::Verb::add:
                did.push_back("add " + id);
                constraints[id] = edit.xml;
                return true;
            case cluster::Edit::Verb::replace:
                did.push_back("replace " + id);
                constraints.at(id) = edit.xml;
                return true;
            case cluster::Edit::Verb::remove:
                did.push_back("remove " + id);
                constraints.erase(id);
                return true;
        }
        return false;
    }

    void wait(cluster::Span allowed) override {
        now += allowed;
        if (future.empty()) return;
        const auto act = future.front();
        future.erase(future.begin());
        act();
        touch();
    }

    std::optional<cluster::Self> find_self(cluster::Span) override {
        if (!controller) return {};
        return cluster::Self{nodes.front().name, quorum};
    }

    bool answers(const std::string& node, cluster::Span) override {
        asked.push_back(node);
        return node.empty() ? leader && controller : !silent.contains(node);
    }

    std::vector<std::string> asked;

private:
    int version_ = 1;
};

}  // namespace san::test
