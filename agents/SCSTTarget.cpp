// SPDX-License-Identifier: GPL-2.0-or-later
// SCSTTarget: one iSCSI target of SCST, without its logical units.
//
// "running" means that whoever shall be able to log in can, and nobody else.

#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "ocf/agent.hpp"
#include "storage/scst_subsystem.hpp"
#include "storage/target.hpp"
#include "storage/target_reload.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// Addresses, or the word for all of them.
struct Portal_word {
    std::optional<Portal> portal{};
    /// Errors  misconfigured
    static Portal_word parse(std::string_view text) {
        if (text == "none") return {};
        return {Portal::parse(text)};
    }
};

class SCSTTarget final : public ocf::Agent {
    ocf::Parameter<Iscsi_name> iqn{
        *this,
        {.name = "iqn",
         .brief = "Name of the target",
         .text = "The target's iSCSI name, such as iqn.2026-01.org.example:disk1, in lower case.",
         .required = true,
         .unique = true}};
    ocf::Parameter<std::vector<Portal_word>> portals{
        *this,
        {.name = "portals",
         .brief = "Addresses at which it is",
         .text = "The addresses of the node at which the target is, separated by blanks. An "
                 "address need not exist yet. The default, none, is all addresses. The port is "
                 "that of SCST's daemon, 3260.",
         .reloadable = true,
         .fallback = "none"}};
    ocf::Parameter<std::vector<Iscsi_name>> allowed_initiators{
        *this,
        {.name = "allowed_initiators",
         .brief = "Initiators that may log in",
         .text = "The names of the initiators that may log in, separated by blanks. Without a list "
                 "everybody may. A change of the list closes the sessions of those that are in it "
                 "no more, and no others.",
         .reloadable = true,
         .fallback = ""}};
    ocf::Parameter<std::string> incoming_username{
        *this,
        {.name = "incoming_username",
         .brief = "CHAP user of the initiators",
         .text = "The user name with which every initiator must authenticate itself (CHAP). "
                 "Without it there is no authentication.",
         .reloadable = true}};
    ocf::Parameter<Secret> incoming_password{
        *this,
        {.name = "incoming_password",
         .brief = "CHAP password of the initiators",
         .text = "The password that belongs to incoming_username, of at least 12 letters.",
         .reloadable = true}};
    ocf::Parameter<std::vector<Login_parameter>> additional_parameters{
        *this,
        {.name = "additional_parameters",
         .brief = "Attributes of the target",
         .text = "Attributes such as MaxSessions=8 NopInInterval=10, separated by blanks, with the "
                 "names that SCST has below the target. Names that it does not have are warned "
                 "about. Those that decide who may log in are refused.",
         .reloadable = true,
         .fallback = ""}};

    Target wanted() const {
        Target target{.iqn = iqn(),
                      .portals = {},
                      .initiators = allowed_initiators(),
                      .parameters = additional_parameters()};
        for (const auto& word : portals())
            if (word.portal) target.portals.push_back(*word.portal);
        if (target.portals.empty()) target.portals.push_back(Portal::parse("0.0.0.0"));
        if (incoming_username.has_value())
            target.credentials = Chap_credentials{{incoming_username(), incoming_password()}, {}};
        return target;
    }

    Target_reload reload_mark(System& node) const {
        return {node.files, environment().state_directory(), iqn()};
    }

public:
    SCSTTarget()
        : ocf::Agent{{
              .name = "SCSTTarget",
              .brief = "Manages an iSCSI target of SCST",
              .text =
                  "Makes an iSCSI target of SCST, a target subsystem that is not part of the "
                  "kernel, and removes it again. SCST's module iscsi-scst and its daemon "
                  "iscsi-scstd are started if they are not there, and nothing else that SCST has "
                  "is changed. Logical units are added by SCSTLun, after it. The target is "
                  "enabled last and disabled first, so that nobody meets an incomplete one.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 180s},
                          {.name = "reload-agent", .timeout = 20s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 10s},
                          {.name = "monitor", .timeout = 30s, .interval = 60s, .depth = 10}},
              .example = "primitive p_target ocf:san:SCSTTarget \\\n"
                         "    params iqn=iqn.2026-01.org.example:disk1 portals=192.0.2.10 \\\n"
                         "    op monitor interval=10s timeout=20s",
          }} {}

    void check(System& node) const override {
        if (incoming_username.has_value() != incoming_password.has_value())
            throw Error{Kind::misconfigured,
                        "incoming_username=" + text::quoted(incoming_username.raw().value_or("")) +
                            ": expected incoming_username and "
                            "incoming_password, or neither"};
        const auto target = wanted();
        for (const auto& portal : target.portals)
            if (portal.port() != Portal::default_port)
                throw Error{Kind::misconfigured,
                            "portals=" + text::quoted(portals.raw().value_or("")) +
                                ": expected no port but 3260"};
        make_scst_subsystem(node)->check(target);
    }

    Change start(System& node) override {
        return make_scst_subsystem(node)->start(wanted(), deadline());
    }

    Change reload(System& node) override {
        const auto going_on = reload_mark(node).begin();
        return make_scst_subsystem(node)->reload(wanted(), deadline());
    }

    Change stop(System& node) override {
        const auto change = make_scst_subsystem(node)->stop({.iqn = iqn()}, deadline());
        reload_mark(node).forget();
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto all = make_scst_subsystem(node);
        if (!all->exists(iqn(), deadline())) return ocf::State::stopped;
        const auto target = wanted();
        if (const auto faults = all->faults(target, deadline()); !faults.empty())
            throw Error{Kind::failed,
                        "target " + iqn().to_text() + ": " + text::joined(faults, ", ")};
        if (check_level() >= 10) all->log_in(target, deadline());
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<SCSTTarget>(); }
