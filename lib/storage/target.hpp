// SPDX-License-Identifier: GPL-2.0-or-later
// An iSCSI target on LIO: one portal group, where it listens and whom it admits.
//
// Nothing can be reached before it is complete: the portal group is enabled last, and disabled
// first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "storage/lio.hpp"
#include "storage/names.hpp"
#include "storage/tree.hpp"

namespace san {

/// What an initiator must show to log in.
struct Chap_credentials {
    std::string user;
    Secret password;

    /// Source  LIO keeps 255 bytes, and takes what begins with "NULL" for nothing at all (6.1)
    /// Errors  misconfigured, without the password
    void check() const;
};

/// A login parameter in the administrator's words.
struct Login_parameter {
    std::string name;
    std::string value;

    /// "MaxConnections=4". Errors: misconfigured
    static Login_parameter parse(std::string_view text);
};

struct Target {
    Iscsi_name iqn;
    std::vector<Portal> portals;
    std::vector<Iscsi_name> initiators{};  ///< empty: everybody who passes CHAP
    std::optional<Chap_credentials> credentials{};
    std::vector<Login_parameter> parameters{};
};

namespace target {

/// The target's tree, in the order in which it is made.
Tree tree(const Target& wanted);

/// Pure: the steps from what is found to the target wanted. One that is enabled while an initiator
/// would notice a difference is disabled first.
Plan start_plan(const Tree& wanted, const Found& found, const Target& target);

/// Pure: the steps that remove the target and all that is below it, whoever made it. The
/// backstores of its LUNs stay.
Plan stop_plan(const Iscsi_name& iqn, const std::vector<lio::Portal_group>& groups);

Change start(const Target& wanted, Configfs& configfs, Bounded& bounded, const Deadline& deadline);
Change stop(const Iscsi_name& iqn, Configfs& configfs, Bounded& bounded, const Deadline& deadline);

bool exists(const Iscsi_name& iqn, const Configfs& configfs);
/// What keeps initiators from logging in as wanted; empty when nothing does.
std::vector<std::string> faults(const Target& wanted, const Configfs& configfs);

}  // namespace target
}  // namespace san
