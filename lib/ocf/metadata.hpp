// SPDX-License-Identifier: GPL-2.0-or-later
// The XML that Pacemaker, crmsh and pcs read.
#pragma once

#include <string>

namespace san::ocf {

class Agent;

/// OCF 1.1 metadata. Valid against the official 1.1 schema, and, through an internal subset of its
/// document type, against the older DTD that ocf-tester insists on. libsan-metadata is loaded for
/// it. Errors  not_installed when that cannot be loaded
std::string metadata(const Agent& agent);

}  // namespace san::ocf
