// SPDX-License-Identifier: GPL-2.0-or-later
// The answer to REPORT TARGET PORT GROUPS.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace initiator {

/// SPC-4 6.32.
constexpr std::uint8_t maintenance_in = 0xa3;
constexpr std::uint8_t report_target_port_groups = 0x0a;

struct Port_group {
    unsigned id = 0;
    unsigned state = 0;  // 0 active, 1 non-optimized, 2 standby, 3 unavailable
    bool preferred = false;
    std::vector<unsigned> ports{};  // relative target port identifiers
};

/// Throws std::runtime_error when the answer is shorter than it says.
std::vector<Port_group> parse_port_groups(std::span<const std::uint8_t> answer);
std::string port_groups_json(const std::vector<Port_group>& groups);

}  // namespace initiator
