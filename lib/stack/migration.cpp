// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/migration.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/cib_document.hpp"
#include "stack/migration_rules.hpp"
#include "stack/private_file.hpp"

namespace san::stack {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_time = 30s;
constexpr auto check_time = 60s;
constexpr auto settle_time = 500ms;

// Exit codes of OCF.
constexpr int not_configured = 6;
constexpr int not_installed = 5;

void set_providers(Cib_copy& cib, const Providers& providers) {
    for (const auto& [id, provider] : providers) cib.set_provider(id, provider);
}

bool has_providers(const Cib_copy& cib, const Providers& providers) {
    return std::all_of(providers.begin(), providers.end(),
                       [&](const auto& each) { return cib.provider(each.first) == each.second; });
}

/// One of Pacemaker's programs, on a copy of the CIB.
Outcome on_copy(Commands& commands, const Cib_copy& cib, std::vector<std::string> argv,
                const Deadline& deadline) {
    const Private_file file{cib.to_text()};
    argv.insert(argv.begin(), {"env", "CIB_file=" + file.path()});
    return commands.run(argv, deadline.within(check_time));
}

bool runs_on(const Cluster_picture& picture, const std::string& id, const std::string& node) {
    return std::any_of(picture.instances.begin(), picture.instances.end(), [&](const auto& seen) {
        return seen.id.substr(0, seen.id.find(':')) == id &&
               std::find(seen.nodes.begin(), seen.nodes.end(), node) != seen.nodes.end();
    });
}

/// Whether a resource is one of those, or in one of them.
bool is_below(const std::vector<std::string>& tops, const std::string& id,
              const Cluster_picture& picture) {
    const auto is_top = [&](const std::string& each) {
        return std::find(tops.begin(), tops.end(), each) != tops.end();
    };
    return is_top(id) ||
           std::any_of(picture.instances.begin(), picture.instances.end(), [&](const auto& seen) {
               return seen.id.substr(0, seen.id.find(':')) == id.substr(0, id.find(':')) &&
                      !seen.within.empty() && is_top(seen.within.front());
           });
}

/// The reason that a validate-all gives for its exit code.
std::string reason_of(const Outcome& outcome) {
    constexpr std::string_view prefix = "ocf-exit-reason:";
    const auto all = outcome.out + "\n" + outcome.err;
    const auto at = all.rfind(prefix);
    if (at == std::string::npos) return outcome.complaint();
    const auto begin = at + prefix.size();
    return all.substr(begin, all.find('\n', begin) - begin);
}

}  // namespace

Migration::Migration(cluster::Cluster& cluster, Commands& commands, const Agent_sites& sites,
                     Say say, Deadline deadline)
    : cluster_{&cluster},
      commands_{&commands},
      sites_{&sites},
      say_{std::move(say)},
      deadline_{deadline} {}

std::optional<Migration_mark> Migration::find_unfinished() const {
    return Migration_mark::find(Cib_copy{cluster_->query(answer_time)});
}

Migration_plan Migration::plan(const Migration_request& request) const {
    Migration_plan plan;
    // In this order: a change that is made to this version of the CIB is made to what is seen here.
    plan.cib = cluster_->query(answer_time);
    plan.picture = look(*commands_, deadline_.within(answer_time));
    const Cib_copy cib{plan.cib};
    plan.changes = choose(cib, request.selection);
    if (plan.changes.empty()) return plan;
    plan.obstacles = unrest(plan.changes, plan.picture);
    for (auto& each : separations(plan.changes, cib)) plan.obstacles.push_back(std::move(each));
    for (const auto& action : simulate(cib))
        plan.obstacles.push_back("the cluster is about to " + action);
    check_agents(plan, cib, request.trusts_nodes);
    return plan;
}

void Migration::check_agents(Migration_plan& plan, const Cib_copy& cib, bool trusts_nodes) const {
    std::set<Agent_name> agents;
    for (const auto& change : plan.changes) agents.insert({change.to, change.type});
    // All nodes: Pacemaker probes each of them, wherever a resource may run.
    const auto before = plan.obstacles.size();
    for (const auto& node : plan.picture.nodes)
        for (auto& problem :
             sites_->problems(node.name, {agents.begin(), agents.end()}, trusts_nodes, deadline_))
            plan.obstacles.push_back(std::move(problem));
    if (plan.obstacles.size() > before) return;

    Cib_copy after{plan.cib};
    for (const auto& change : plan.changes) after.set_provider(change.id, change.to);
    for (const auto& change : plan.changes) {
        const Agent_name agent{change.to, change.type};
        const auto metadata = sites_->metadata(agent, deadline_);
        for (const auto& id : change.primitives) {
            for (const auto& name : unknown_parameters(cib, id, metadata))
                plan.obstacles.push_back(id + ": " + agent.to_text() + " has no parameter " + name);
            // On a copy: so it gets what the cluster would give it, and no secret is in an
            // argument.
            const auto valid = on_copy(*commands_, after,
                                       {"crm_resource", "--validate", "--resource", id}, deadline_);
            const auto told = id + ": " + agent.to_text() + ": " + reason_of(valid);
            // An agent may look for a device that is where the resource runs.
            const bool is_certain = valid.status == not_configured ||
                                    valid.status == not_installed ||
                                    runs_on(plan.picture, id, sites_->self());
            if (valid.ok()) continue;
            if (is_certain)
                plan.obstacles.push_back(told);
            else
                plan.remarks.push_back(told + " (on this node, where it does not run)");
        }
    }
}

Migration_result Migration::apply(const Migration_request& request) {
    if (const auto mark = find_unfinished()) {
        say_("a change is under way that was not finished; going on with it");
        if (mark->direction == request.selection.direction) return finish(*mark, false);
        return take_back(*mark, {"it was asked for"});
    }
    while (!deadline_.expired()) {
        const auto plan = this->plan(request);
        if (plan.changes.empty()) return Migration_result::nothing_to_do;
        if (!plan.obstacles.empty()) return Migration_result::refused;
        const auto mark = Migration_mark::make(plan.changes, request.selection.direction,
                                               Cib_copy{plan.cib}, plan.picture);
        if (!try_change(plan.cib, "crm_config", [&](Cib_copy& cib) { mark.place(cib); })) continue;
        say_("maintenance mode is on");
        return finish(mark, true);
    }
    throw Error{Kind::failed, "the configuration changed each time that it had been judged"};
}

Migration_result Migration::finish(const Migration_mark& mark, bool is_new) {
    settle(mark.tops);
    if (has_providers(Cib_copy{cluster_->query(answer_time)}, mark.before)) {
        if (const auto moved = compare(mark); !moved.empty()) {
            // What failed meanwhile needs the cluster.
            for (const auto& each : moved) say_("meanwhile: " + each);
            if (!is_new) return take_back(mark, {"it was interrupted"});
            leave(mark);
            return Migration_result::refused;
        }
        change("resources", [&](Cib_copy& cib) {
            if (!has_providers(cib, mark.before))
                throw Error{Kind::failed, "somebody else has changed a provider meanwhile"};
            set_providers(cib, mark.after);
        });
        say_("providers are changed");
    }
    if (!has_providers(Cib_copy{cluster_->query(answer_time)}, mark.after))
        throw Error{Kind::failed,
                    "a provider is neither the old nor the new one: somebody has changed it while "
                    "the cluster is in maintenance mode"};
    probe(mark.tops);
    if (const auto other = compare(mark); !other.empty()) return take_back(mark, other);
    leave(mark);
    return Migration_result::done;
}

Migration_result Migration::take_back(const Migration_mark& mark,
                                      const std::vector<std::string>& why) {
    for (const auto& reason : why) say_("going back: " + reason);
    settle(mark.tops);
    if (!has_providers(Cib_copy{cluster_->query(answer_time)}, mark.before)) {
        change("resources", [&](Cib_copy& cib) { set_providers(cib, mark.before); });
        say_("the old providers are back");
    }
    // Also where they are back already: what the cluster knows may still be the new agents' word.
    probe(mark.tops);
    if (const auto other = compare(mark); !other.empty()) {
        for (const auto& difference : other) say_("still: " + difference);
        return Migration_result::left;
    }
    leave(mark);
    return Migration_result::taken_back;
}

bool Migration::try_change(const std::string& cib, const char* section,
                           const std::function<void(Cib_copy&)>& edit) const {
    Cib_copy copy{cib};
    edit(copy);
    return cluster_->change(
        {.verb = cluster::Edit::Verb::replace,
         .where = cluster::Cib_document{cib}.this_version() + "/configuration/" + section,
         .xml = copy.section(section)},
        answer_time);
}

void Migration::change(const char* section, const std::function<void(Cib_copy&)>& edit) const {
    while (!deadline_.expired())
        if (try_change(cluster_->query(answer_time), section, edit)) return;
    throw Error{Kind::failed, "the configuration changed each time that it had been read"};
}

void Migration::settle(const std::vector<std::string>& tops) const {
    // Idle in two looks at one version of the CIB: the DC may not have seen yet what was changed.
    // `crm_resource --wait` does not do: of an unmanaged resource that failed it waits for ever for
    // a recovery (2.1.5).
    std::string before;
    while (!deadline_.expired()) {
        const auto cib = cluster_->query(answer_time);
        const auto version = cluster::Cib_document{cib}.this_version();
        const bool is_idle = is_answered(cib, tops) && is_leader_idle();
        if (is_idle && version == before) return;
        before = is_idle ? version : std::string{};
        cluster_->wait(std::min<cluster::Span>(settle_time, deadline_.left()));
    }
    throw Error{Kind::failed, "time is up while waiting for the cluster to come to rest"};
}

bool Migration::is_leader_idle() const {
    const auto leader = look(*commands_, deadline_.within(answer_time)).leader;
    if (!leader) return false;
    const auto state =
        commands_->run({"crmadmin", "--status=" + *leader}, deadline_.within(answer_time));
    return state.ok() && state.out.find("S_IDLE") != std::string::npos;
}

void Migration::probe(const std::vector<std::string>& tops) const {
    // The history of what is refreshed is forgotten, and the cluster asks the agents again: the
    // new ones. Group and clone as a whole, because only so all instances are meant on all nodes.
    for (const auto& top : tops)
        commands_->must({"crm_resource", "--refresh", "--resource", top},
                        deadline_.within(check_time));
    settle(tops);
    say_("the agents have been asked anew");
}

std::vector<std::string> Migration::simulate(const Cib_copy& cib) const {
    const Private_file file{cib.to_text()};
    const auto simulation = commands_->must(
        {"crm_simulate", "--xml-file", file.path(), "--simulate", "--output-as=xml"},
        deadline_.within(check_time));
    return planned_actions(simulation.out);
}

std::vector<std::string> Migration::compare(const Migration_mark& mark) const {
    const auto text = cluster_->query(answer_time);
    const auto picture = look(*commands_, deadline_.within(answer_time));
    auto found = differences(mark.places, places(picture));
    for (const auto& failure : picture.failures)
        if (is_below(mark.tops, resource_of(failure.operation), picture))
            found.push_back(failure.operation + " failed on " + failure.node + ": " +
                            (failure.reason.empty() ? failure.result : failure.reason));
    Cib_copy cib{text};
    mark.remove(cib);
    for (const auto& action : simulate(cib))
        found.push_back("without maintenance mode the cluster would " + action);
    return found;
}

void Migration::leave(const Migration_mark& mark) const {
    change("crm_config", [&](Cib_copy& cib) { mark.remove(cib); });
    say_(mark.maintenance == "true" ? "maintenance mode stays on, as it was"
                                    : "maintenance mode is off");
    settle(mark.tops);
    const auto picture = look(*commands_, deadline_.within(answer_time));
    for (const auto& difference : differences(mark.places, places(picture)))
        say_("since then: " + difference);
}

}  // namespace san::stack
