// SPDX-License-Identifier: GPL-2.0-or-later
// A DRBD resource, replicated between the nodes; promoted is where it can be written.
#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cluster/promoted.hpp"
#include "ocf/agent.hpp"
#include "ocf/clone.hpp"
#include "storage/replica.hpp"
#include "storage/replica_alarm.hpp"
#include "storage/replica_health.hpp"
#include "storage/replica_score.hpp"
#include "storage/replica_tools.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class Drbd final : public ocf::Agent {
    ocf::Parameter<Replica_name> name{*this,
                                      {.name = "drbd_resource",
                                       .brief = "DRBD resource",
                                       .text = "The name of the resource in drbd.conf(5).",
                                       .required = true,
                                       .unique = true}};
    ocf::Parameter<std::string> configuration{*this,
                                              {.name = "drbdconf",
                                               .brief = "Configuration file",
                                               .text = "The file that describes the resource.",
                                               .fallback = "/etc/drbd.conf"}};
    ocf::Parameter<Score_table> scores{
        *this,
        {.name = "adjust_master_score",
         .brief = "Four promotion scores",
         .text =
             "What promoting a node is worth when its data is: consistent, with no peer to tell "
             "whether it is the newest; good on a peer only; good here, with nothing known of a "
             "peer; good here, with every peer known. Four numbers that do not fall; 0 forbids "
             "promotion.",
         .reloadable = true,
         .fallback = "0 10 1000 10000"}};
    ocf::Parameter<bool> ignore_missing_notifications{
        *this,
        {.name = "ignore_missing_notifications",
         .brief = "Run without notifications",
         .text = "Without the clone's meta attribute notify=true a node learns late, or never, "
                 "that its peer has started. The agent refuses to run so unless this is true.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<std::optional<int>> wfc_timeout{
        *this,
        {.name = "wfc_timeout",
         .brief = "Seconds to wait for the peers",
         .text = "How long start waits for a connection to the peers. Going on without is not a "
                 "failure. Empty: not at all.",
         .reloadable = true,
         .fallback = "5"}};
    ocf::Parameter<bool> stop_outdates_secondary{
        *this,
        {.name = "stop_outdates_secondary",
         .brief = "Outdate on stop",
         .text = "A Secondary that stops, or loses its peer, while another node is promoted marks "
                 "its own data as outdated, so that it is not promoted later with old data.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<Peer_primary_rule> remove_score{
        *this,
        {.name = "remove_master_score_if_peer_primary",
         .brief = "No score beside a Primary",
         .text = "Whether this node has no promotion score while a peer with good data is Primary: "
                 "true, false, or \"unexpected\" for a Primary that the cluster has not promoted. "
                 "True can delay a takeover until DRBD notices that the peer is dead.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<bool> fail_promote_early_if_peer_primary{
        *this,
        {.name = "fail_promote_early_if_peer_primary",
         .brief = "Promotion does not wait for an unexpected Primary",
         .text = "Gives a promotion up while a peer is Primary that the cluster has not promoted, "
                 "instead of waiting for its demotion until the timeout.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<bool> fail_promote_early_without_quorum{
        *this,
        {.name = "fail_promote_early_without_quorum",
         .brief = "Promotion does not wait for quorum",
         .text =
             "Gives a promotion up while DRBD has no quorum (9), instead of waiting for it until "
             "the timeout.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<bool> prefer_sync_source{
        *this,
        {.name = "prefer_sync_source",
         .brief = "No score during a resync to here",
         .text = "A node that is the target of a resync has no promotion score until it ends, so "
                 "that no preference for the node moves the service away from the better data.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<bool> report_degraded{
        *this,
        {.name = "report_degraded",
         .brief = "Monitor says when a replica is missing",
         .text =
             "A monitor that finds the resource usable, but a replica missing, behind or apart, "
             "says so with the codes 190 and 191. The cluster shows it, and does nothing.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<bool> require_fencing{
        *this,
        {.name = "require_fencing",
         .brief = "Start only with fencing or quorum",
         .text = "Refuses to start a resource that is configured with neither a fencing policy nor "
                 "quorum: after a failure of the network both nodes could write.",
         .fallback = "false"}};
    ocf::Parameter<bool> unfence_if_all_uptodate{
        *this,
        {.name = "unfence_if_all_uptodate",
         .brief = "Unfence from monitor",
         .text = "The monitor of a Primary calls the handler unfence-peer while all disks here and "
                 "on the peers are UpToDate: removes a fencing constraint that was left behind.",
         .reloadable = true,
         .fallback = "false"}};
    ocf::Parameter<std::string> unfence_extra_args{
        *this,
        {.name = "unfence_extra_args",
         .brief = "Arguments of that handler",
         .text = "Passed to the handler in its environment, beside those of drbd.conf(5).",
         .reloadable = true,
         .fallback = "--quiet --flock-required --flock-timeout 0 --unfence-only-if-owner-match"}};
    ocf::Parameter<bool> connect_only_after_promote{
        *this,
        {.name = "connect_only_after_promote",
         .brief = "Connect when promoted",
         .text = "Start attaches the disks only; the peers are connected to after a promotion.",
         .fallback = "false"}};
    ocf::Parameter<Module_version> least_version{
        *this,
        {.name = "require_drbd_module_version_ge",
         .brief = "Least version of the module",
         .text = "The kernel module has to have this version or a later one.",
         .fallback = "8.0.0"}};
    ocf::Parameter<Module_version> beyond_version{
        *this,
        {.name = "require_drbd_module_version_lt",
         .brief = "Version that the module stays below",
         .text = "The kernel module has to have an earlier version than this.",
         .fallback = "10.0.0"}};

public:
    Drbd()
        : ocf::Agent{{
              .name = "drbd",
              .brief = "Manages a DRBD resource as a promotable clone",
              .text = "Brings a DRBD resource up on every node, promotes it where it is used, and "
                      "tells the cluster which nodes have data worth promoting. DRBD's own service "
                      "must not be enabled.",
              .actions =
                  {{.name = "start", .timeout = 240s},
                   {.name = "reload-agent", .timeout = 30s},
                   {.name = "promote", .timeout = 90s},
                   {.name = "demote", .timeout = 90s},
                   {.name = "notify", .timeout = 90s},
                   {.name = "stop", .timeout = 100s},
                   {.name = "status", .timeout = 20s},
                   {.name = "monitor", .timeout = 20s, .interval = 20s, .role = "Unpromoted"},
                   {.name = "monitor", .timeout = 20s, .interval = 10s, .role = "Promoted"}},
              .example = "primitive p_drbd ocf:san:drbd params drbd_resource=r0 \\\n"
                         "    op monitor interval=20s timeout=20s role=Unpromoted \\\n"
                         "    op monitor interval=10s timeout=20s role=Promoted\n"
                         "clone ms_drbd p_drbd meta promotable=true notify=true clone-max=2 "
                         "interleave=true",
          }} {}

    void check(System& node) const override {
        check_clone();
        if (!node.commands.has("drbdadm"))
            throw Error{Kind::not_installed, "drbdadm is not installed (drbd-utils)"};
        if (!node.files.exists(configuration()))
            throw Error{Kind::not_installed, "drbdconf=" + text::quoted(configuration()) +
                                                 ": expected a file that is there"};
        check_module(module(node));
        const auto drbdadm = tools(node);
        if (clone().promoted_max() > 1 && !drbdadm.allows_two_primaries())
            throw Error{Kind::misconfigured,
                        "promoted-max=\"2\": expected allow-two-primaries in drbd.conf"};
    }

    Change start(System& node) override {
        const bool was_there = node.drbd.find(id()).has_value();
        const auto drbdadm = tools(node);
        if (!node.drbd.loaded()) drbdadm.load_module();
        // Also when it is there: a start that was killed may have left it half made.
        if (connect_only_after_promote())
            drbdadm.attach(module(node), node.drbd);
        else
            drbdadm.adjust(module(node), clone().other_node(node.name));
        if (require_fencing()) refuse_unfenced(node, was_there);
        replica::demote(id(), node.drbd, node.bounded, node.files, deadline());
        if (!connect_only_after_promote()) await_peers(node);
        publish(node);
        return was_there ? Change::none : Change::made;
    }

    Change stop(System& node) override {
        const auto change =
            replica::take_down(id(), node.drbd, node.bounded, node.files, deadline());
        if (stop_outdates_secondary()) outdate_behind_primary(node);
        publish_score(node, {});
        show({}, node);
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto resource = node.drbd.find(id());
        if (!resource) {
            if (!is_probe()) confirm_score(node, {});
            return ocf::State::stopped;
        }
        confirm(node, resource);
        if (const auto faults = replica::faults(*resource); !faults.empty())
            throw Error{Kind::failed, "DRBD resource " + id() + ": " + text::joined(faults, ", ")};
        const auto troubles = text::joined(replica::troubles(*resource), ", ");
        const bool is_primary = resource->role == drbd::Role::primary;
        if (unfence_if_all_uptodate() && is_primary && troubles.empty()) unfence(node);
        const bool degraded = report_degraded() && !troubles.empty();
        if (!is_probe()) show(degraded ? troubles : std::string{}, node);
        if (degraded) log::warning(id(), ": ", troubles);
        if (is_primary) return degraded ? ocf::State::degraded_promoted : ocf::State::promoted;
        return degraded ? ocf::State::degraded : ocf::State::running;
    }

    /// What may change are rules of ours; a failure would be one of the resource to the cluster.
    Change reload(System& node) override {
        if (!node.drbd.find(id())) throw Error{Kind::failed, id() + " is not running"};
        publish(node);
        return Change::made;
    }

    Change promote(System& node) override {
        const replica::Promotion_rules rules{
            .gives_up_without_quorum = fail_promote_early_without_quorum(),
            .gives_up_beside_primary = [&] {
                return fail_promote_early_if_peer_primary() && is_unexpected_primary(node);
            }};
        auto change = Change::none;
        try {
            change = replica::promote(id(), node.drbd, node.bounded, node.files, deadline(), rules);
        } catch (const Error&) {
            // The cluster may choose another node then.
            publish(node);
            throw;
        }
        if (connect_only_after_promote())
            tools(node).adjust(module(node), clone().other_node(node.name));
        return change;
    }

    Change demote(System& node) override {
        const auto change = replica::demote(id(), node.drbd, node.bounded, node.files, deadline());
        confirm(node);
        return change;
    }

    void notify(System& node) override {
        const auto type = environment().meta("notify_type");
        const auto operation = environment().meta("notify_operation");
        if (!node.drbd.find(id())) return;
        // A node that gave up on its peer tries again when the peer starts.
        if (operation == "start" && !connect_only_after_promote())
            tools(node).adjust(module(node), clone().other_node(node.name));
        if (type != "post") return;
        if (operation != "promote" || !is_primary(node)) confirm(node);
        if (operation == "start" || !stop_outdates_secondary()) return;
        if (const auto resource = node.drbd.find(id());
            resource && replica::has_unknown_peer(*resource))
            outdate_behind_primary(node);
    }

private:
    const std::string& id() const { return name().to_text(); }
    ocf::Clone clone() const { return ocf::Clone{environment()}; }
    Module_version module(System& node) const {
        return replica::find_module(node.files, node.commands, deadline());
    }

    /// drbdadm, with the configuration that it can read, which may be a part of the whole.
    replica::Tools tools(System& node) const {
        const auto part = environment().state_file("san-drbd-" + id() + ".conf");
        return {id(),
                replica::find_configuration(id(), configuration(), part, node.commands, node.files,
                                            deadline()),
                node.commands, deadline()};
    }

    /// The clone's meta attributes, where the cluster passes them.
    void check_clone() const {
        clone().check_one_per_node();
        if (clone().promoted_max() > 2)
            throw Error{Kind::misconfigured,
                        "promoted-max=" + text::quoted(std::to_string(clone().promoted_max())) +
                            ": expected the meta attribute to be 1, or 2 for two primaries"};
        if (!ignore_missing_notifications() && !clone().is_notified())
            throw Error{Kind::misconfigured,
                        "notify=" + text::quoted(environment().meta("notify").value_or("")) +
                            ": expected the clone's meta attribute to be true"};
    }

    void check_module(const Module_version& module) const {
        const auto wrong = [&](const auto& parameter, const Module_version& bound,
                               const std::string& expected) {
            return Error{Kind::not_installed, parameter.declaration().name + "=" +
                                                  text::quoted(bound.to_text()) +
                                                  ": expected a kernel module drbd of " + expected +
                                                  ", not " + module.to_text()};
        };
        if (module < least_version())
            throw wrong(least_version, least_version(), "this version or a later one");
        if (module >= beyond_version())
            throw wrong(beyond_version, beyond_version(), "an earlier version");
        const auto nodes = clone().instances().value_or(2);
        if (nodes > 2 && (!module.is_9() || clone().promoted_max() > 1))
            throw Error{Kind::misconfigured, "clone-max=" + text::quoted(std::to_string(nodes)) +
                                                 ": expected the meta attribute to be 2 with " +
                                                 (module.is_9() ? "two primaries" : "DRBD 8.4")};
    }

    void await_peers(System& node) const {
        if (!wfc_timeout()) return;
        const auto patience = std::chrono::seconds{std::max(0, *wfc_timeout())};
        if (!replica::await_peers(id(), node.drbd, deadline().within(patience)))
            log::info("not connected to every peer after ", patience.count(), " s");
    }

    /// Whether a peer is Primary that the cluster has not promoted. One that cannot be asked has.
    bool is_unexpected_primary(System& node) const {
        const auto resource = node.drbd.find(id());
        if (clone().promoted_max() != 1 || !resource || !replica::has_primary_peer(*resource))
            return false;
        const auto promoted = cluster::promoted_nodes(instance(), node.commands, deadline());
        return promoted && std::none_of(promoted->begin(), promoted->end(), [&](const auto& other) {
                   return text::lower(other) != text::lower(node.name);
               });
    }

    void unfence(System& node) const {
        try {
            tools(node).unfence(unfence_extra_args());
        } catch (const Error& failure) {
            // The replica is as healthy as before.
            log::warning("unfencing ", id(), ": ", failure.what());
        }
    }

    /// Alarms of DRBD's handlers and what monitor has seen, as an attribute of the node.
    void show(const std::string& troubles, System& node) const {
        try {
            replica_alarm::refresh(name(), node, deadline(), troubles);
        } catch (const Error& failure) {
            log::warning(id(), ": ", failure.what());
        }
    }

    void refuse_unfenced(System& node, bool was_there) const {
        const auto settings = node.drbd.settings(id());
        if (!settings || settings->quorum ||
            settings->fencing.value_or(drbd::Fencing::dont_care) != drbd::Fencing::dont_care)
            return;
        if (!was_there) replica::take_down(id(), node.drbd, node.bounded, node.files, deadline());
        throw Error{Kind::wrong_on_this_node,
                    "require_fencing=\"true\": expected a fencing policy or quorum in " +
                        configuration() + " for " + id()};
    }

    /// Marks this node's data as old where the cluster has promoted another one, which goes on
    /// alone.
    void outdate_behind_primary(System& node) const {
        if (clone().promoted_elsewhere(node.name).empty()) return;
        try {
            const auto resource = node.drbd.find(id());
            if (resource && resource->role == drbd::Role::primary) {
                log::error(id(), " is Primary here, while the cluster has promoted another node");
                return;
            }
            outdate(node, resource);
            publish_score(node, {});
        } catch (const Error& failure) {
            // The resource is down, or as it was: no reason to fence the node.
            log::warning(id(), ": ", failure.what());
        }
    }

    /// In the kernel, or in the metadata when the resource is down.
    void outdate(System& node, const std::optional<drbd::Resource>& resource) const {
        if (!resource) return tools(node).outdate();
        if (const auto answer = node.drbd.outdate(*resource); !answer.ok())
            throw Error{Kind::failed, "outdating " + id() + ": " + answer.text};
    }

    /// What promoting this node is worth now.
    replica::Verdict verdict(System& node, const std::optional<drbd::Resource>& resource) const {
        if (!resource) return {};
        return replica::judge(*resource,
                              {.table = scores(),
                               .peer_primary = remove_score().rule,
                               .is_unexpected = [&] { return is_unexpected_primary(node); },
                               .prefers_sync_source = prefer_sync_source()});
    }

    void publish(System& node) const {
        const auto found = verdict(node, node.drbd.find(id()));
        if (!found.keep) publish_score(node, found.score);
    }

    bool is_primary(System& node) const {
        const auto resource = node.drbd.find(id());
        return resource && resource->role == drbd::Role::primary;
    }

    /// Of a resource that the cluster has started: initiators wait for each action of a move. Not
    /// after a promotion, which may change the score: the cluster would plan anew. The monitor that
    /// it starts last tells it.
    void confirm(System& node, const std::optional<drbd::Resource>& resource) const {
        const auto found = verdict(node, resource);
        if (!found.keep) confirm_score(node, found.score);
    }
    void confirm(System& node) const { confirm(node, node.drbd.find(id())); }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<Drbd>(); }
