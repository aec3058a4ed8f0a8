// SPDX-License-Identifier: GPL-2.0-or-later
// Which dialect of DRBD's generic netlink the loaded module speaks. The one place that chooses.
#pragma once

#include <optional>

#include "kernel/drbd_attributes.hpp"
#include "kernel/drbd_words.hpp"

namespace san::drbd {

/// A generic netlink family of DRBD's, which exists while the module is loaded.
struct Family {
    std::uint16_t id = 0;
    std::uint8_t version = 0;   ///< sent with every request: 9 refuses others
    unsigned events_group = 0;  ///< multicast group of changes
    bool strict = false;        ///< 8.4 that takes no attribute which an operation does not list

    Dialect dialect() const {
        return version >= 2 ? Dialect::v9 : strict ? Dialect::strict_v84 : Dialect::v84;
    }
};

/// The names a module may have registered, in the order of asking until one is there. The second
/// cannot be spoken yet and is asked for because its module, with resources in use, must not pass
/// for one that is not loaded; it moves to the front when it can be, since one module may speak
/// both.
inline constexpr const char* family_names[] = {"drbd", "drbd2"};

/// Asks the controller of generic netlink for a family.
Datagram family_request(const char* name = "drbd");

/// Nothing when there is no such family. Errors: not_installed for one this cannot speak to
std::optional<Family> family_in(const Datagram& reply);

/// Whether a message of the controller says that DRBD's family is gone: the module was unloaded.
bool says_unloaded(const Message& message);

}  // namespace san::drbd
