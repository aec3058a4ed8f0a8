// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/check_sources.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_document.hpp"
#include "cluster/cluster.hpp"
#include "kernel/files.hpp"
#include "stack/agent_advice.hpp"
#include "stack/facts_document.hpp"
#include "stack/node_survey.hpp"

namespace san::stack {

namespace {

using namespace std::chrono_literals;

// Each is far more than a node needs that is well.
constexpr auto cluster_patience = 10s;
constexpr auto node_patience = 30s;
constexpr auto agent_patience = 60s;

constexpr auto stored_cib = "/var/lib/pacemaker/cib/cib.xml";

std::string content(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw Error{Kind::failed, "the file " + text::quoted(path) + " cannot be read"};
    return text.str();
}

/// What goes through a remote shell, or to ssh, as it is.
bool is_plain_word(const std::string& word) {
    return !word.empty() && word.front() != '-' &&
           word.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789/._-") == std::string::npos;
}

class Gatherer {
public:
    Gatherer(const Wanted_sources& wanted, const std::string& host, Commands& commands)
        : wanted_{wanted}, host_{host}, commands_{commands} {}

    Gathered_facts gather() {
        cluster();
        wanted_.are_files() ? named_files() : this_node();
        if (!wanted_.local) other_nodes();
        drbd_and_corosync();
        if (facts().cluster)
            facts().advice = ask_agents(*facts().cluster, wanted_.ocf_root, commands_,
                                        Deadline::in(agent_patience), facts().gaps);
        facts().failover = wanted_.failover;
        for (const auto& node : facts().nodes)
            for (const auto& gap : node.gaps) missed("node " + node.name, gap);
        return std::move(found_);
    }

private:
    Facts& facts() { return found_.facts; }
    void looked_at(const std::string& name, const std::string& from) {
        found_.sources.push_back({name, from, true});
    }
    void missed(const std::string& name, const std::string& why) {
        facts().gaps.push_back({.severity = Severity::warning,
                                .subject = name,
                                .reason = "it was not checked: " + why});
        found_.sources.push_back({name, why, false});
    }

    void cluster() {
        if (!wanted_.cib.empty()) {
            read_cib(content(wanted_.cib), wanted_.cib);
            return;
        }
        if (wanted_.are_files()) {
            found_.sources.push_back({"cluster", "no file was given", false});
            return;
        }
        std::string problem;
        if (wanted_.root == "/") try {
                read_cib(cluster::make_cluster(commands_)->query(cluster_patience),
                         "the running cluster");
                return;
            } catch (const Error& error) {
                problem = error.what();
            }
        if (const auto stored = Files{wanted_.root}.find(stored_cib)) {
            read_cib(*stored,
                     stored_cib +
                         std::string{problem.empty() ? "" : ", as the cluster does not answer"});
            return;
        }
        missed("cluster", problem.empty() ? std::string{"there is no "} + stored_cib : problem);
    }

    void read_cib(const std::string& xml, const std::string& from) {
        facts().cluster = Configuration::parse(xml);
        looked_at("cluster", from);
        // A configuration by itself has no nodes that one could be found among.
        if (xml.find("<cib") == std::string::npos) return;
        own_name_ = cluster::Cib_document{xml}.find_node(host_).value_or("");
    }

    void named_files() {
        for (const auto& path : wanted_.facts) {
            facts().nodes.push_back(facts_from_xml(content(path)));
            looked_at("node " + facts().nodes.back().name, path);
        }
        if (wanted_.lvm.empty()) return;
        const auto settings = Lvm_settings::parse(content(wanted_.lvm));
        looked_at("lvm", wanted_.lvm);
        std::vector<std::string> names;
        if (facts().cluster)
            for (const auto& node : facts().cluster->nodes) names.push_back(node.name);
        for (const auto& name : names) {
            const auto known =
                std::find_if(facts().nodes.begin(), facts().nodes.end(),
                             [&](const Node_facts& node) { return node.name == name; });
            if (known != facts().nodes.end())
                known->lvm = settings;
            else
                facts().nodes.push_back({.name = name, .lvm = settings});
        }
    }

    /// Files with secrets that resources name.
    std::vector<std::string> secret_paths() {
        std::vector<std::string> paths;
        if (!facts().cluster) return paths;
        for (const auto& resource : facts().cluster->resources)
            for (const auto& [name, value] : resource.parameters)
                if ((name.ends_with("password_file") || name.ends_with("password_script") ||
                     name.ends_with("passwd_script")) &&
                    value.starts_with('/') &&
                    std::find(paths.begin(), paths.end(), value) == paths.end())
                    paths.push_back(value);
        return paths;
    }

    void this_node() {
        const auto name = own_name_.empty() ? host_ : own_name_;
        facts().nodes.push_back(
            survey({.node = name, .root = wanted_.root, .secrets = secret_paths()}, commands_,
                   Deadline::in(node_patience)));
        looked_at("node " + name, wanted_.root == "/" ? "this node" : wanted_.root.string());
    }

    void other_nodes() {
        std::vector<std::string> names = wanted_.nodes;
        if (names.empty() && !wanted_.are_files() && wanted_.root == "/" && facts().cluster)
            for (const auto& node : facts().cluster->nodes) names.push_back(node.name);
        for (const auto& name : names)
            if (name != own_name_) ask(name);
    }

    /// The node is asked by this program's own name there; nothing is copied to it.
    void ask(const std::string& name) try {
        if (!is_plain_word(name)) throw Error{Kind::misconfigured, "this is no name of a host"};
        std::vector<std::string> argv{
            "ssh",     "-oBatchMode=yes", "-oConnectTimeout=5", "--", name, "/usr/sbin/san-check",
            "--facts", "--name=" + name};
        for (const auto& path : secret_paths())
            if (is_plain_word(path)) argv.push_back("--secret-file=" + path);
        auto answer = facts_from_xml(commands_.must(argv, Deadline::in(node_patience)).out);
        answer.name = name;
        facts().nodes.push_back(std::move(answer));
        looked_at("node " + name, "by ssh");
    } catch (const Error& problem) {
        missed("node " + name, problem.what());
    }

    void drbd_and_corosync() {
        const auto from_nodes = [&](const auto& part) {
            for (const auto& node : facts().nodes)
                if (!part(node).empty()) return part(node);
            return std::string{};
        };
        const auto read = [&](const std::string& name, const std::string& path,
                              const std::string& of_nodes, const auto& take) {
            const auto text = path.empty() ? of_nodes : content(path);
            if (text.empty()) {
                found_.sources.push_back({name, "no node has one, and no file was given", false});
                return;
            }
            try {
                take(text);
                looked_at(name, path.empty() ? "the nodes" : path);
            } catch (const Error& problem) {
                if (!path.empty()) throw;
                missed(name, problem.what());
            }
        };
        read("drbd", wanted_.drbd, from_nodes([](const Node_facts& node) { return node.drbd; }),
             [&](const std::string& text) { facts().drbd = Drbd_configuration::parse(text); });
        read("corosync", wanted_.corosync,
             from_nodes([](const Node_facts& node) { return node.corosync; }),
             [&](const std::string& text) {
                 facts().corosync = Corosync_configuration::parse(text);
             });
    }

    const Wanted_sources& wanted_;
    const std::string& host_;
    Commands& commands_;
    std::string own_name_{};
    Gathered_facts found_{};
};

}  // namespace

Gathered_facts gather(const Wanted_sources& wanted, const std::string& host, Commands& commands) {
    return Gatherer{wanted, host, commands}.gather();
}

}  // namespace san::stack
