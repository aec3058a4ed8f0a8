// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSITarget: one iSCSI target, without its logical units.
//
// "running" means that whoever shall be able to log in can, and nobody else.

#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "ocf/agent.hpp"
#include "storage/node_number.hpp"
#include "storage/target.hpp"
#include "storage/target_reload.hpp"
#include "storage/target_subsystem.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class iSCSITarget final : public ocf::Agent {
    ocf::Parameter<Implementation> implementation{
        *this,
        {.name = "implementation",
         .brief = "Target subsystem",
         .text = "The target subsystem: lio-t, the one in the kernel, for which lio is taken as "
                 "well; tgt or iet, whose service has to run; or scst. Without it the one that has "
                 "the target; else iet, if its module is loaded; else tgt, if it runs on the node; "
                 "else scst, if its iSCSI driver is loaded; else lio-t. Nodes that have several "
                 "should be told.",
         .fallback = ""}};
    ocf::Parameter<Iscsi_name> iqn{
        *this,
        {.name = "iqn",
         .brief = "Name of the target",
         .text = "The target's iSCSI name, such as iqn.2026-01.org.example:disk1, in lower case.",
         .required = true,
         .unique = true}};
    ocf::Parameter<std::vector<Portal>> portals{
        *this,
        {.name = "portals",
         .brief = "Addresses to listen on",
         .text = "The portals, separated by blanks: addresses, each with a port unless it is 3260, "
                 "such as 10.0.0.7 or [2001:db8::7]:3261. An address need not exist yet. The "
                 "default listens on all IPv4 addresses, [::] on those of IPv6 as well; beside "
                 "either, no target of this node can have a single address of the same port. With "
                 "iet each has to be where ietd listens by its own options.",
         .reloadable = true,
         .fallback = "0.0.0.0:3260"}};
    ocf::Parameter<std::vector<Initiator_entry>> allowed_initiators{
        *this,
        {.name = "allowed_initiators",
         .brief = "Initiators that may log in",
         .text = "The names of the initiators that may log in, separated by blanks. They see all "
                 "logical units that have no list of their own. Without a list everybody may log "
                 "in and see every unit. A change of the list disturbs no session but those of "
                 "initiators that were in it; from no list to a list it closes all. With tgt and "
                 "iet also addresses and networks, such as 10.0.0.0/24, each of which is enough.",
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
         .text = "The password that belongs to incoming_username. Some initiators insist on 12 to "
                 "16 characters.",
         .reloadable = true}};
    ocf::Parameter<std::optional<Secret_file>> incoming_password_file{
        *this,
        {.name = "incoming_password_file",
         .brief = "File with that password",
         .text = "Instead of incoming_password, which everybody can read who can read the "
                 "cluster's configuration, and which Pacemaker writes to its log: a file on every "
                 "node whose first line is the password, "
                 "and that only root can read. A file that changes while the target runs is "
                 "found by monitor and restarts it.",
         .reloadable = true,
         .fallback = ""}};
    ocf::Parameter<std::string> outgoing_username{
        *this,
        {.name = "outgoing_username",
         .brief = "CHAP user of the target",
         .text = "The user name with which the target authenticates itself to initiators that ask "
                 "for it (mutual CHAP). It needs incoming_username.",
         .reloadable = true}};
    ocf::Parameter<Secret> outgoing_password{
        *this,
        {.name = "outgoing_password",
         .brief = "CHAP password of the target",
         .text = "The password that belongs to outgoing_username, another one than "
                 "incoming_password.",
         .reloadable = true}};
    ocf::Parameter<std::optional<Secret_file>> outgoing_password_file{
        *this,
        {.name = "outgoing_password_file",
         .brief = "File with that password",
         .text = "Instead of outgoing_password, as incoming_password_file.",
         .reloadable = true,
         .fallback = ""}};
    ocf::Parameter<std::vector<Login_parameter>> additional_parameters{
        *this,
        {.name = "additional_parameters",
         .brief = "Login parameters and attributes",
         .text = "What the target offers when an initiator logs in, and attributes of its portal "
                 "group: words such as MaxRecvDataSegmentLength=262144 login_timeout=30, separated "
                 "by blanks, with the names that the kernel has below tpgt_1/param and "
                 "tpgt_1/attrib, or those that tgt or ietadm show. Names that it does not have are "
                 "warned about. Those that decide "
                 "who may log in have parameters of their own and are refused.",
         .reloadable = true,
         .fallback = ""}};
    ocf::Parameter<std::string> discovery_username{
        *this,
        {.name = "discovery_username",
         .brief = "CHAP user of discovery",
         .text = "The user name with which initiators must authenticate themselves to ask for the "
                 "node's targets. The kernel has one for all targets of a node: give all of them "
                 "the same, since another one is refused while one of them is there, and it goes "
                 "with the last. Without it the kernel's setting is not touched."}};
    ocf::Parameter<Secret> discovery_password{
        *this,
        {.name = "discovery_password",
         .brief = "CHAP password of discovery",
         .text = "The password that belongs to discovery_username."}};
    ocf::Parameter<std::optional<Secret_file>> discovery_password_file{
        *this,
        {.name = "discovery_password_file",
         .brief = "File with that password",
         .text = "Instead of discovery_password, as incoming_password_file.",
         .fallback = ""}};
    ocf::Parameter<std::vector<Portal>> iser_portals{
        *this,
        {.name = "iser_portals",
         .brief = "Portals that RDMA reaches as well",
         .text = "Those of portals where initiators may log in by iSER too, which needs an RDMA "
                 "device with that address and the kernel's module ib_isert.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Node_number>> rtpi{
        *this,
        {.name = "rtpi",
         .brief = "Relative target port identifier",
         .text = "The number of the target's port, from 1 to 65535, which initiators see. Nodes "
                 "that show a unit at the same time need different ones: alice:1 bob:2. Without it "
                 "the kernel counts its targets. Kernels before 6.4 cannot set it, which start "
                 "warns about.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Target_number>> tid{
        *this,
        {.name = "tid",
         .brief = "Number of the target, with tgt or iet",
         .text = "The number by which tgt knows the target, another one for each target of a node "
                 "and the same on every node: initiators read it in the names of units. Without "
                 "it one that follows from iqn. With iet, which shows it to nobody, one more than "
                 "the highest. It has no effect on the kernel's target.",
         .unique = true,
         .fallback = ""}};

    /// What a name, a password and a file for it come to.
    static std::optional<Chap_account> account(
        const ocf::Parameter<std::string>& user, const ocf::Parameter<Secret>& password,
        const ocf::Parameter<std::optional<Secret_file>>& file, System& node) {
        if (!user.has_value()) return {};
        if (!file()) return Chap_account{user(), password()};
        try {
            return Chap_account{user(), file()->read(node.files)};
        } catch (Error& problem) {
            throw problem.within(file.declaration().name + "=" + text::quoted(file()->path));
        }
    }
    std::optional<Chap_account> discovery_account(System& node) const {
        return account(discovery_username, discovery_password, discovery_password_file, node);
    }
    std::optional<Chap_credentials> credentials(System& node) const {
        const auto initiator =
            account(incoming_username, incoming_password, incoming_password_file, node);
        if (!initiator) return {};
        return Chap_credentials{*initiator, account(outgoing_username, outgoing_password,
                                                    outgoing_password_file, node)};
    }

    /// A name needs one password, and a password a name.
    static void check_account(const ocf::Parameter<std::string>& user,
                              const ocf::Parameter<Secret>& password,
                              const ocf::Parameter<std::optional<Secret_file>>& file) {
        const auto& name = user.declaration().name;
        const auto& secret = password.declaration().name;
        if (password.has_value() && file())
            throw Error{Kind::misconfigured, file.declaration().name + "=" +
                                                 text::quoted(file()->path) + ": expected " +
                                                 secret + " or a file, not both"};
        if (user.has_value() != (password.has_value() || file()))
            throw Error{Kind::misconfigured, name + "=" + text::quoted(user.raw().value_or("")) +
                                                 ": expected " + name + " and " + secret +
                                                 ", or neither"};
    }

    std::optional<std::uint16_t> port_number(System& node) const {
        if (!rtpi()) return {};
        const auto number = rtpi()->on(node.name);
        if (!number)
            throw Error{Kind::wrong_on_this_node, "rtpi=" + text::quoted(rtpi.raw().value_or("")) +
                                                      ": expected a number for " + node.name};
        return number;
    }

    Target wanted(System& node) const {
        std::vector<Iscsi_name> initiators;
        std::vector<std::string> networks;
        for (const auto& entry : allowed_initiators())
            if (entry.name)
                initiators.push_back(*entry.name);
            else
                networks.push_back(entry.network);
        return {.iqn = iqn(),
                .portals = portals(),
                .initiators = std::move(initiators),
                .networks = std::move(networks),
                .credentials = credentials(node),
                .parameters = additional_parameters(),
                .iser = iser_portals(),
                .port_number = port_number(node),
                .number = tid() ? std::optional{tid()->value} : std::nullopt,
                .discovery = discovery_account(node)};
    }

    std::unique_ptr<Target_subsystem> subsystem(System& node) const {
        // Stop may come with a word that is none.
        const auto word = implementation.has_value() ? implementation() : Implementation{};
        return choose(word, iqn(), node, deadline());
    }

    /// Stop comes with the parameters of start, if they were good.
    Target_place place() const {
        Target_place place{.iqn = iqn()};
        if (portals.has_value()) place.portals = portals();
        for (const auto* user : {&incoming_username, &outgoing_username})
            if (user->has_value()) place.users.push_back((*user)());
        if (discovery_username.has_value()) place.discovery_user = discovery_username();
        return place;
    }

    Target_reload reload_mark(System& node) const {
        return {node.files, environment().state_directory(), iqn()};
    }

public:
    iSCSITarget()
        : ocf::Agent{{
              .name = "iSCSITarget",
              .brief = "Manages an iSCSI target",
              .text =
                  "Makes an iSCSI target of the kernel (LIO), of tgt, SCST or IET, listens on its "
                  "portals, and removes it again with all that is below it. Logical units are "
                  "added by iSCSILogicalUnit, after it. The target is enabled last and disabled "
                  "first, so that nobody meets an incomplete one.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 30s},
                          {.name = "reload-agent", .timeout = 20s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 10s},
                          {.name = "monitor", .timeout = 30s, .interval = 60s, .depth = 10}},
              .example = "primitive p_target ocf:san:iSCSITarget \\\n"
                         "    params iqn=iqn.2026-01.org.example:disk1 \\\n"
                         "    op monitor interval=10s timeout=20s",
          }} {}

    void check(System& node) const override {
        if (portals().empty())
            throw Error{Kind::misconfigured, "portals=\"\": expected at least one portal"};
        check_account(incoming_username, incoming_password, incoming_password_file);
        check_account(outgoing_username, outgoing_password, outgoing_password_file);
        check_account(discovery_username, discovery_password, discovery_password_file);
        if (outgoing_username.has_value() && !incoming_username.has_value())
            throw Error{Kind::misconfigured,
                        "outgoing_username=" + text::quoted(outgoing_username()) +
                            ": expected incoming_username as well"};
        const auto target = wanted(node);
        if (target.credentials) target.credentials->check();
        subsystem(node)->check(target);
    }

    Change start(System& node) override { return subsystem(node)->start(wanted(node), deadline()); }

    Change reload(System& node) override {
        const auto going_on = reload_mark(node).begin();
        return subsystem(node)->reload(wanted(node), deadline());
    }

    Change stop(System& node) override {
        const auto change = subsystem(node)->stop(place(), deadline());
        reload_mark(node).forget();
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto all = subsystem(node);
        if (!all->exists(iqn(), deadline())) return ocf::State::stopped;
        const auto target = wanted(node);
        if (const auto faults = all->faults(target, deadline()); !faults.empty())
            throw Error{Kind::failed,
                        "target " + iqn().to_text() + ": " + text::joined(faults, ", ")};
        if (check_level() >= 10) all->log_in(target, deadline());
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<iSCSITarget>(); }
