// SPDX-License-Identifier: GPL-2.0-or-later
// san-migrate: gives the resources of a running cluster our agents, or back those they had.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/command.hpp"
#include "base/error.hpp"
#include "cluster/cluster.hpp"
#include "stack/command_line.hpp"
#include "stack/migration.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

const stack::Program program{
    .name = "san-migrate",
    .brief = "Gives the resources of a running cluster our agents, or takes them back",
    .text =
        "Changes the provider of resources, from ocf:heartbeat, ocf:linbit and ocf:scst to "
        "ocf:san, while what runs goes on. Without --apply it says what would be changed, and "
        "what stands in the way.\n\n"
        "With --apply the cluster is put into maintenance mode, all providers are changed at once, "
        "and the new agents are asked what runs where. Only if they see what the old ones saw, and "
        "the cluster would start and stop nothing, maintenance mode is left; else everything is "
        "changed back. Maintenance mode that somebody else has set stays.\n\n"
        "A run that was interrupted leaves the cluster in maintenance mode, with a note in the "
        "property set san-migrate of the configuration. The next run with --apply, on any node, "
        "finishes it; with the other direction, it takes it back.\n\n"
        "The agents have to be installed on all nodes, because the cluster asks them everywhere. "
        "Other nodes are looked at over ssh, as root and by their names in the cluster.",
    .statuses = {{0, "done; or, without --apply, nothing stands in the way"},
                 {1, "nothing was changed, for the reasons that were given; or an error"},
                 {3, "changed back: all is as before"},
                 {4, "left in maintenance mode: even the old agents do not see what they saw"}},
    .example = "san-migrate\nsan-migrate --apply\nsan-migrate --apply --back --only g_san",
    .see_also = {"crm_mon (8)", "crm_resource (8)"}};

void say(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
}

int show(const stack::Migration& migration, const stack::Migration_request& request) {
    if (const auto unfinished = migration.find_unfinished()) {
        say("a change to " +
            std::string{unfinished->direction == stack::Direction::back ? "the old agents"
                                                                        : "ocf:san"} +
            " was begun and not finished: --apply goes on");
        return 1;
    }
    const auto plan = migration.plan(request);
    if (plan.changes.empty()) say("nothing to change");
    for (const auto& change : plan.changes) say(change.to_text());
    for (const auto& remark : plan.remarks) say("note: " + remark);
    for (const auto& obstacle : plan.obstacles) say("in the way: " + obstacle);
    return plan.obstacles.empty() ? 0 : 1;
}

int apply(stack::Migration& migration, const stack::Migration_request& request) {
    using stack::Migration_result;
    switch (migration.apply(request)) {
        case Migration_result::done:
            return 0;
        case Migration_result::nothing_to_do:
            say("nothing to change");
            return 0;
        case Migration_result::refused:
            return show(migration, request);
        case Migration_result::taken_back:
            return 3;
        case Migration_result::left:
            say("the cluster is left in maintenance mode, so that it stops nothing. Run it again "
                "when "
                "what differs is mended; or, if that is how it shall be, let the cluster act:\n"
                "  crm_attribute --name maintenance-mode --delete\n"
                "  cibadmin --delete --xpath \"//cluster_property_set[@id='san-migrate']\"");
            return 4;
    }
    return 1;
}

}  // namespace

int main(int count, char** given) {
    stack::Migration_request request;
    bool back = false, applies = false;
    std::vector<std::string> only, except;
    unsigned seconds = 600;
    CLI::App app;
    app.add_flag("--apply", applies, "Change them");
    app.add_flag("--back", back, "From ocf:san to the agents that those replace");
    app.add_option(
           "--only", only,
           "Only this resource or template, or those in this group or clone; may be repeated")
        ->type_name("ID");
    app.add_option("--except", except, "Not this one; may be repeated")->type_name("ID");
    app.add_flag("--trust-nodes", request.trusts_nodes,
                 "Do not ask the other nodes whether they have the agents");
    app.add_option("--timeout", seconds, "For all of it; 600 unless given")->type_name("SECONDS");
    return stack::run(program, app, count, given, 1, [&] {
        request.selection.direction = back ? stack::Direction::back : stack::Direction::to_san;
        request.selection.only.insert(only.begin(), only.end());
        request.selection.except.insert(except.begin(), except.end());
        Programs programs;
        const Files files;
        const auto cluster = cluster::make_cluster(programs);
        const auto self = cluster->find_self(10s);
        if (!self) throw Error{Kind::failed, "Pacemaker does not run on this node"};
        const stack::Agent_sites sites{programs, files, self->name};
        stack::Migration migration{*cluster, programs, sites, say,
                                   Deadline::in(std::chrono::seconds{seconds})};
        return applies ? apply(migration, request) : show(migration, request);
    });
}
