// SPDX-License-Identifier: GPL-2.0-or-later
// How a DRBD resource is configured, as far as it decides what happens when a peer is lost.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace san::drbd {

/// DRBD's words of drbd.conf(5).
enum class Fencing { dont_care, resource_only, resource_and_stonith };

struct Settings {
    /// The weakest of its connections (9), or of its attached volumes (8.4); nothing where there
    /// is none to tell.
    std::optional<Fencing> fencing{};
    bool quorum = false;  ///< a majority, or a number, of nodes is asked for (9)
    bool suspends_without_quorum = false;
    bool suspends_without_data = false;
    bool auto_promote = false;  ///< opening for writing promotes (9)
    /// On some connection; 8.4 does not tell while it is StandAlone.
    bool two_primaries = false;
    std::map<unsigned, std::string> backing{};  ///< the device below, by volume
    friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace san::drbd
