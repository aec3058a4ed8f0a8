// SPDX-License-Identifier: GPL-2.0-or-later
// drbd-attr: DRBD's promotion scores as node attributes, kept fresh from the kernel's events.
//
// It manages no device. "running" means that its listener lives and has told the cluster what it
// knows. For rules that place what uses DRBD by auto-promote, with DRBD brought up outside of the
// cluster.
#include <algorithm>

#include "base/command.hpp"
#include "base/error.hpp"
#include "ocf/agent.hpp"
#include "storage/score_listener.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// The beginning of attributes' names.
class Attribute_prefix {
public:
    /// Errors  misconfigured
    static Attribute_prefix parse(std::string_view text) {
        const auto fits = [](unsigned char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_' || c == '.' || c == ':' || c == '#';
        };
        if (text.empty() || text.front() == '-' || !std::all_of(text.begin(), text.end(), fits))
            throw Error{Kind::misconfigured,
                        "expected letters, digits, and \"-_.:#\" after the first"};
        Attribute_prefix prefix;
        prefix.text_ = text;
        return prefix;
    }
    const std::string& to_text() const { return text_; }

private:
    std::string text_;
};

class Drbd_attr final : public ocf::Agent {
    ocf::Parameter<std::uint32_t> dampening{
        *this,
        {.name = "dampening_delay",
         .brief = "Seconds before a score is written",
         .text = "How long the cluster waits for further changes of a score before it acts. A node "
                 "that must not be used is told at once.",
         .fallback = "5"}};
    ocf::Parameter<Attribute_prefix> prefix{
        *this,
        {.name = "attr_name_prefix",
         .brief = "Beginning of the attributes' names",
         .text = "The attributes are named PREFIX-RESOURCE, with the names that DRBD's resources "
                 "have in drbd.conf(5).",
         .fallback = "drbd-promotion-score"}};
    ocf::Parameter<bool> details{
        *this,
        {.name = "record_event_details",
         .brief = "Also tell what led to a score",
         .text = "Roles, disks and connections at the last change, with its time, as the attribute "
                 "PREFIX:event-details-RESOURCE.",
         .fallback = "false"}};

    /// Where its files are: all that is needed to find and to stop it.
    std::filesystem::path state() const {
        return environment().state_file("drbd-attr-" + instance());
    }

public:
    Drbd_attr()
        : ocf::Agent{{
              .name = "drbd-attr",
              .brief = "Publishes DRBD's promotion scores as node attributes",
              .text =
                  "Listens to DRBD's events on each node and keeps a transient node attribute for "
                  "each resource: how good the node's access to the data is. 10000 for having all "
                  "disks, 100 for each that is UpToDate, 1 for each UpToDate copy; -1000000 when "
                  "the resource must not be used there, or is configured and not up. To be run as "
                  "a "
                  "clone on all nodes with DRBD, for resources that are brought up outside of the "
                  "cluster and promoted by being opened (auto-promote).",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 20s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 60s}},
              .example = "primitive p_drbd_attr ocf:san:drbd-attr \\\n"
                         "    op monitor interval=60s timeout=20s\n"
                         "clone c_drbd_attr p_drbd_attr\n"
                         "location l_data p_fs_data \\\n"
                         "    rule drbd-promotion-score-data: defined drbd-promotion-score-data",
          }} {}

    void check(System& node) const override {
        if (!node.commands.has("drbdadm"))
            throw Error{Kind::not_installed, "drbdadm is not installed (drbd-utils)"};
    }

    Change start(System& node) override {
        const Score_listener it{node,
                                {.state = state(),
                                 .prefix = prefix().to_text(),
                                 .dampening = std::chrono::seconds{dampening()},
                                 .details = details()}};
        if (it.is_started() && it.is_alive()) return Change::none;
        it.start(deadline());
        return Change::made;
    }

    Change stop(System& node) override {
        const Score_listener it{node, {.state = state()}};
        if (!it.is_started() && !it.is_alive()) return Change::none;
        it.stop(deadline());
        return Change::made;
    }

    ocf::State monitor(System& node) override {
        const Score_listener it{node, {.state = state()}};
        const bool started = it.is_started();
        const bool alive = it.is_alive();
        if (!started && !alive) return ocf::State::stopped;
        const auto trouble = it.find_trouble();
        if (!alive)
            throw Error{Kind::failed,
                        "the listener has died" + (trouble ? ": " + *trouble : std::string{})};
        if (trouble) throw Error{Kind::failed, "the attributes are not up to date: " + *trouble};
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<Drbd_attr>(); }
