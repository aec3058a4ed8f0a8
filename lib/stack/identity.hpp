// SPDX-License-Identifier: GPL-2.0-or-later
// By what initiators know one unit from another, as it follows from its parameters.
#pragma once

#include <optional>
#include <string>

#include "stack/configuration.hpp"

namespace san::stack {

struct Shared_identity {
    std::string what{};       ///< "serial number 3b8c27aa"
    std::string parameter{};  ///< by which it is changed
};

/// What two units have in common that should be each one's own; nothing is well.
///
/// Source  shell agent and ours: without scsi_sn the serial number is of the resource's name, and
///         tgt's and IET's identifier its first 16 characters
std::optional<Shared_identity> shared_identity(const Resource& one, const Resource& other);

}  // namespace san::stack
