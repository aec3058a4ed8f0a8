// SPDX-License-Identifier: GPL-2.0-or-later
// What must hold before providers are changed. Everything here is decided from values.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "stack/cib_copy.hpp"
#include "stack/cluster_picture.hpp"
#include "stack/provider_change.hpp"

namespace san::stack {

/// What forbids the change now, one sentence each: a cluster that is not at rest, or a resource
/// that is not as the cluster wants it, whose new agent could not be compared with the old one.
std::vector<std::string> unrest(const std::vector<Provider_change>& changes,
                                const Cluster_picture& picture);

/// What forbids it whatever the cluster does: of two resources that close and open the same ports,
/// one has to know the other's rules, so that they change together.
std::vector<std::string> separations(const std::vector<Provider_change>& changes,
                                     const Cib_copy& cib);

/// Parameters of a primitive that an agent does not know.
///
/// Shape   `metadata` is what its action meta-data prints
/// Errors  failed when that is no metadata
std::vector<std::string> unknown_parameters(const Cib_copy& cib, const std::string& primitive,
                                            const std::string& metadata);

/// Whether a CIB tells of nothing that is still being done, and of an answer of every node that is
/// online about all that is in those groups, clones and resources.
///
/// Source  op-status -1 is "pending"; a refreshed resource has no lrm_rsc_op before its probe
bool is_answered(const std::string& cib, const std::vector<std::string>& tops);

/// What differs between two moments, one sentence each.
std::vector<std::string> differences(const Places& before, const Places& now);

/// What the scheduler would do, one sentence each.
///
/// Shape   what `crm_simulate --simulate --output-as=xml` prints
/// Errors  failed when it is something else
std::vector<std::string> planned_actions(const std::string& simulation);

/// The resource of an operation's key: "p_lvm" of "p_lvm_monitor_30000".
std::string resource_of(const std::string& operation_key);

}  // namespace san::stack
