// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSITarget: one iSCSI target of the kernel, without its logical units.
//
// "running" means that whoever shall be able to log in can, and nobody else.

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/configfs.hpp"
#include "ocf/agent.hpp"
#include "storage/discovery.hpp"
#include "storage/login_check.hpp"
#include "storage/node_number.hpp"
#include "storage/portal_sockets.hpp"
#include "storage/target.hpp"
#include "storage/target_reload.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class iSCSITarget final : public ocf::Agent {
    ocf::Parameter<lio::Implementation> implementation{
        *this,
        {.name = "implementation",
         .brief = "Target subsystem",
         .text = "The target subsystem: lio-t, the one in the kernel. The name lio is taken for "
                 "the same.",
         .fallback = "lio-t"}};
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
                 "either, no target of this node can have a single address of the same port.",
         .reloadable = true,
         .fallback = "0.0.0.0:3260"}};
    ocf::Parameter<std::vector<Iscsi_name>> allowed_initiators{
        *this,
        {.name = "allowed_initiators",
         .brief = "Initiators that may log in",
         .text = "The names of the initiators that may log in, separated by blanks. They see all "
                 "logical units that have no list of their own. Without a list everybody may log "
                 "in and see every unit. A change of the list disturbs no session but those of "
                 "initiators that were in it; from no list to a list it closes all.",
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
                 "tpgt_1/attrib. Names that it does not have are warned about. Those that decide "
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
    ocf::Parameter<std::string> tid{
        *this,
        {.name = "tid",
         .brief = "Has no effect",
         .text = "Accepted for compatibility. The target's number with other target subsystems; "
                 "the kernel's target has none.",
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

    /// A listener that is asked for by a wildcard would be made without a device to listen on.
    void check_iser(System& node) const {
        for (const auto& portal : iser_portals()) {
            const auto name = "iser_portals=" + text::quoted(portal.to_text());
            const auto& all = portals();
            if (std::find(all.begin(), all.end(), portal) == all.end())
                throw Error{Kind::misconfigured, name + ": expected one of portals"};
            if (node.files.names("/sys/class/infiniband").empty())
                throw Error{Kind::wrong_on_this_node,
                            name + ": expected an RDMA device on this node"};
        }
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
        return {.iqn = iqn(),
                .portals = portals(),
                .initiators = allowed_initiators(),
                .credentials = credentials(node),
                .parameters = additional_parameters(),
                .iser = iser_portals(),
                .port_number = port_number(node)};
    }

    /// Ends what nobody owns and keeps a portal from being made; throws when there is nothing.
    void free_ports(System& node, const Error& refusal) {
        if (portal_sockets::end_lost(portals(), node.configfs, node.connections, node.files,
                                     node.bounded, deadline()) == Change::made)
            return;
        if (const auto owner = portal_sockets::program(portals(), node.connections, node.files))
            throw Error{Kind::failed, std::string{refusal.what()} + ": " + *owner};
        throw refusal;
    }

    Target_reload reload_mark(System& node) const {
        return {node.files, environment().state_directory(), iqn()};
    }

    Change start_target(System& node) {
        try {
            return target::start(wanted(node), node.configfs, node.bounded, deadline());
        } catch (const Error& refusal) {
            // All that a portal's socket can refuse is EINVAL.
            if (refusal.errnum() != EINVAL || refusal.kind() != Kind::failed) throw;
            free_ports(node, refusal);
        }
        return target::start(wanted(node), node.configfs, node.bounded, deadline());
    }

public:
    iSCSITarget()
        : ocf::Agent{{
              .name = "iSCSITarget",
              .brief = "Manages an iSCSI target",
              .text = "Makes an iSCSI target of the kernel (LIO), listens on its portals, and "
                      "removes it again with all that is below it. Logical units are added by "
                      "iSCSILogicalUnit, after it. The target is enabled last and disabled first, "
                      "so that nobody meets an incomplete one.",
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
        check_iser(node);
        if (outgoing_username.has_value() && !incoming_username.has_value())
            throw Error{Kind::misconfigured,
                        "outgoing_username=" + text::quoted(outgoing_username()) +
                            ": expected incoming_username as well"};
        if (const auto given = credentials(node)) given->check();
        if (const auto given = discovery_account(node)) discovery::check(*given);
    }

    Change start(System& node) override {
        lio::load(node.configfs, node.commands, deadline());
        lio::allow_reservations(node.configfs, node.files);
        auto change = Change::none;
        if (const auto account = discovery_account(node))
            change = discovery::start(*account, iqn(), node.configfs, node.bounded, deadline());
        change |= start_target(node);
        return change;
    }

    Change reload(System& node) override {
        const auto going_on = reload_mark(node).begin();
        return target::reload(wanted(node), node.configfs, node.bounded, deadline());
    }

    Change stop(System& node) override {
        auto change = target::stop(iqn(), node.configfs, node.bounded, deadline());
        if (discovery_username.has_value())
            change |= discovery::stop(iqn(), node.configfs, node.bounded, deadline());
        reload_mark(node).forget();
        return change;
    }

    ocf::State monitor(System& node) override {
        if (!target::exists(iqn(), node.configfs)) return ocf::State::stopped;
        auto faults = target::faults(wanted(node), node.configfs);
        // Missing portals have no listener either.
        if (faults.empty()) faults = portal_sockets::faults(portals(), node.connections);
        if (const auto account = discovery_account(node))
            for (auto& fault : discovery::faults(*account, node.configfs))
                faults.push_back(std::move(fault));
        if (!faults.empty())
            throw Error{Kind::failed,
                        "target " + iqn().to_text() + ": " + text::joined(faults, ", ")};
        if (check_level() >= 10) login_check::check(iqn(), {}, node, deadline());
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<iSCSITarget>(); }
