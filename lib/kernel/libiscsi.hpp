// SPDX-License-Identifier: GPL-2.0-or-later
// Logins by libiscsi: libsan-logins, the only library of ours that links it.
#pragma once

#include "kernel/initiator.hpp"

namespace san {

// On its own addresses the kernel answers at once; what takes longer is kept from it.
inline constexpr std::chrono::milliseconds connect_time{500};

/// As Initiator::reaches.
bool connects(const Ip& ip, std::uint16_t port);

}  // namespace san

extern "C" {

/// The door by which it is called when it was loaded late. The caller owns the result.
[[gnu::visibility("default")]] san::Initiator* san_logins_make();
}
