// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's configuration as drbdadm understands it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stack/configuration.hpp"

namespace san::stack {

struct Drbd_volume {
    int number = 0;
    std::optional<unsigned> minor{};
    std::string disk{};          ///< the backing device; empty or "none" for one without data
    std::string resync_after{};  ///< "r1", "r1/0"; empty: nobody
};

struct Drbd_host {
    std::string name{};
    std::vector<std::string> addresses{};
    std::vector<Drbd_volume> volumes{};
};

struct Drbd_resource {
    std::string name{};
    std::vector<Drbd_host> hosts{};
    std::vector<Values> connections{};  ///< section net of each, at least of one
    Values disk{};
    Values options{};
    Values handlers{};

    /// An option of a connection, of the first one that has it.
    std::string net(const std::string& option) const;
    /// "dont-care", "resource-only", "resource-and-stonith". DRBD 8.4 has it in the section disk.
    std::string fencing() const;
    bool has_handler(const std::string& event) const { return handlers.contains(event); }
};

struct Drbd_configuration {
    std::vector<Drbd_resource> resources{};

    /// Shape   what `drbdadm dump-xml` prints: parts of `common` are not repeated in resources
    /// Errors  failed when it is something else
    /// Source  drbdadm 9.22 (config_flags and dump in user/v9/drbdadm_dump.c)
    static Drbd_configuration parse(const std::string& xml);

    const Drbd_resource* find_resource(const std::string& name) const;
    const Drbd_resource* find_by_minor(unsigned minor) const;
};

/// A dump without the secrets in it, and without what depends on where the files are.
std::string comparable(const std::string& dump);

}  // namespace san::stack
