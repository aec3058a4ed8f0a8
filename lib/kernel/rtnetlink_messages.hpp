// SPDX-License-Identifier: GPL-2.0-or-later
// What rtnetlink(7) says of links, addresses and routes. Messages of other types say nothing.
#pragma once

#include <optional>
#include <vector>

#include "kernel/addresses.hpp"

struct nlmsghdr;

namespace san::rtnetlink {

// Errors of all: failed when the kernel speaks otherwise than linux/rtnetlink.h says.

std::optional<Link> find_link(const nlmsghdr& message);

/// Nothing for families that are not ours, and for addresses other than the one that is asked for.
/// What is not asked for is passed over as early as possible.
std::optional<Address> find_address(const nlmsghdr& message, const Ip* only = nullptr);

/// One route for each link that it goes over.
void add_routes(const nlmsghdr& message, Family family, std::vector<Route>& routes);

}  // namespace san::rtnetlink
