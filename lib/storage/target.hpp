// SPDX-License-Identifier: GPL-2.0-or-later
// An iSCSI target on LIO: one portal group, where it listens and whom it admits.
//
// Nothing can be reached before it is complete: the portal group is enabled last, and disabled
// first.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/chap.hpp"
#include "storage/lio.hpp"
#include "storage/names.hpp"
#include "storage/tree.hpp"

namespace san {

/// A login parameter, or an attribute of the portal group, in the administrator's words.
struct Login_parameter {
    std::string name;
    std::string value;

    /// "MaxConnections=4", "login_timeout=30". Errors: misconfigured, also for those that other
    /// parameters decide
    static Login_parameter parse(std::string_view text);
    /// Where the kernel has it: `param` has RFC 7143's names, which begin with a capital, and
    /// `attrib` has none of those (6.1, 6.12).
    std::string directory() const;
};

/// By which tgtd knows a target.
struct Target_number {
    std::int32_t value = 1;
    /// Errors  misconfigured
    static Target_number parse(std::string_view text);
};

struct Target {
    Iscsi_name iqn;
    std::vector<Portal> portals;
    std::vector<Iscsi_name> initiators{};  ///< none, and no networks: everybody who passes CHAP
    std::vector<std::string> networks{};   ///< of initiators that tgtd admits as well
    std::optional<Chap_credentials> credentials{};
    std::vector<Login_parameter> parameters{};
    std::vector<Portal> iser{};  ///< those of the portals that are reached by RDMA as well
    std::optional<std::uint16_t> port_number{};  ///< the relative target port identifier
    std::optional<std::int32_t> number{};        ///< by which tgtd knows it; LIO has none
    /// With which initiators ask the node for its targets; empty: what is set stays.
    std::optional<Chap_account> discovery{};

    bool admits_everybody() const { return initiators.empty() && networks.empty(); }
    bool admits(const std::string& initiator) const;
};

/// What finds a target to remove, and what it shares with others of its node.
struct Target_place {
    Iscsi_name iqn;
    std::vector<Portal> portals{};
    std::vector<std::string> users{};  ///< of its accounts
    std::optional<std::string> discovery_user{};
};

namespace target {

/// What units have brought about below a target, and what it has to do for them.
struct Units {
    std::vector<std::string> initiators{};              ///< admitted for the sake of units alone
    std::map<Configfs::Path, std::string> shared{};     ///< LUNs without a list, and their units
    std::map<Configfs::Path, std::string> of_a_list{};  ///< LUNs with a list of their own
};

/// The target's tree, in the order in which it is made.
Tree tree(const Target& wanted, const Units& units = {});

/// Pure: the steps that take away what the target has and shall not have: portals, and access of
/// initiators that are not in its list. What a unit's own list gives them they keep.
Plan surplus(const Target& wanted, const lio::Portal_group& group, const Units& units);

/// Pure: the steps that remove the target and all that is below it, whoever made it. The
/// backstores of its LUNs stay.
Plan stop_plan(const Iscsi_name& iqn, const std::vector<lio::Portal_group>& groups);

/// Of a target that is enabled, sessions go on through changes of portals, of whom it admits, and
/// of accounts and login parameters, which matter to the next login. Other changes close them.
/// A target that admitted everybody and has a list now is taken down first.
Change start(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline);

/// As start, of a target that runs. From everybody to a list all sessions are closed, and the
/// target's units are shown again to those in the list.
///
/// Errors  failed with nothing changed when it does not run, or that would lose reservations or
///         ALUA groups of its units
Change reload(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline);

Change stop(const Iscsi_name& iqn, Configfs& configfs, Bounded& bounded, const Deadline& deadline);

bool exists(const Iscsi_name& iqn, const Configfs& configfs);
/// What keeps initiators from logging in as wanted, and who can and shall not; empty when all is
/// well.
std::vector<std::string> faults(const Target& wanted, const Configfs& configfs);

}  // namespace target
}  // namespace san
