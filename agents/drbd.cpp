// SPDX-License-Identifier: GPL-2.0-or-later
// A DRBD resource, replicated between the nodes; promoted is where it can be written.
#include <algorithm>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "ocf/agent.hpp"
#include "storage/replica.hpp"

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
         .fallback = "0 10 1000 10000"}};
    ocf::Parameter<bool> ignore_missing_notifications{
        *this,
        {.name = "ignore_missing_notifications",
         .brief = "Run without notifications",
         .text = "Without the clone's meta attribute notify=true a node learns late, or never, "
                 "that its peer has started. The agent refuses to run so unless this is true.",
         .fallback = "false"}};
    ocf::Parameter<int> wfc_timeout{
        *this,
        {.name = "wfc_timeout",
         .brief = "Seconds to wait for the peer",
         .text = "How long start waits for a connection to the peers. Going on without is not a "
                 "failure.",
         .fallback = "5"}};

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
        // Not misconfigured, which would forbid every node: another one may know the resource.
        const auto known = node.commands.run(drbdadm({"sh-dev"}), deadline());
        if (!known.ok())
            throw Error{Kind::not_installed, "drbd_resource=" + text::quoted(name().to_text()) +
                                                 ": expected a resource of " + configuration() +
                                                 ": " + known.complaint()};
    }

    Change start(System& node) override {
        const bool was_there = node.drbd.find(name().to_text()).has_value();
        if (!node.drbd.loaded()) load_module(node);
        // Also when it is there: a start that was killed may have left it half made.
        node.commands.must(drbdadm({"adjust"}), deadline());
        replica::demote(name().to_text(), node.drbd, node.bounded, node.files, deadline());
        const auto patience = std::chrono::seconds{std::max(0, wfc_timeout())};
        if (!replica::await_peers(name().to_text(), node.drbd, deadline().within(patience)))
            log::info("not connected to every peer after ", patience.count(), " s");
        publish(node, node.drbd.find(name().to_text()));
        return was_there ? Change::none : Change::made;
    }

    Change stop(System& node) override {
        const auto change =
            replica::take_down(name().to_text(), node.drbd, node.bounded, node.files, deadline());
        publish_score(node, {});
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto resource = node.drbd.find(name().to_text());
        if (!resource) return ocf::State::stopped;
        publish(node, resource);
        if (const auto faults = replica::faults(*resource); !faults.empty())
            throw Error{Kind::failed,
                        "DRBD resource " + name().to_text() + ": " + text::joined(faults, ", ")};
        return resource->role == drbd::Role::primary ? ocf::State::promoted : ocf::State::running;
    }

    Change promote(System& node) override {
        const auto change = replica::promote(name().to_text(), node.drbd, node.bounded, deadline());
        publish(node, node.drbd.find(name().to_text()));
        return change;
    }

    Change demote(System& node) override {
        const auto change =
            replica::demote(name().to_text(), node.drbd, node.bounded, node.files, deadline());
        publish(node, node.drbd.find(name().to_text()));
        return change;
    }

    void notify(System& node) override {
        const auto type = environment().meta("notify_type");
        const auto operation = environment().meta("notify_operation");
        const auto resource = node.drbd.find(name().to_text());
        if (!resource) return;
        // A node that gave up on its peer tries again when the peer starts.
        if (operation == "start") node.commands.must(drbdadm({"adjust"}), deadline());
        if (type == "post") publish(node, node.drbd.find(name().to_text()));
    }

private:
    std::vector<std::string> drbdadm(const std::vector<std::string>& what) const {
        std::vector<std::string> argv{"drbdadm", "-c", configuration()};
        argv.insert(argv.end(), what.begin(), what.end());
        argv.push_back(name().to_text());
        return argv;
    }

    /// The clone's meta attributes, where the cluster passes them.
    void check_clone() const {
        for (const auto* most : {"clone_node_max", "promoted_node_max", "master_node_max"})
            if (const auto value = environment().meta(most); value && *value != "1")
                throw Error{Kind::misconfigured, std::string{most} + "=" + text::quoted(*value) +
                                                     ": expected the meta attribute to be 1"};
        if (ignore_missing_notifications() || environment().meta("notify_start_uname")) return;
        const auto notify = environment().meta("notify").value_or("");
        if (notify != "true" && notify != "yes" && notify != "on" && notify != "1")
            throw Error{Kind::misconfigured,
                        "notify=" + text::quoted(notify) +
                            ": expected the clone's meta attribute to be true"};
    }

    void load_module(System& node) const {
        const auto outcome = node.commands.run({"modprobe", "drbd"}, deadline());
        if (!outcome.ok())
            throw Error{Kind::not_installed, "kernel module drbd: " + outcome.complaint()};
    }

    void publish(System& node, const std::optional<drbd::Resource>& resource) const {
        if (!resource) return publish_score(node, {});
        const auto verdict = replica::judge(*resource, scores());
        if (!verdict.keep) publish_score(node, verdict.score);
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<Drbd>(); }
