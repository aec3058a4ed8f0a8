// SPDX-License-Identifier: GPL-2.0-or-later
// A number that each node of the cluster has of its own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace san {

class Node_number {
public:
    /// "7" on every node, or "alice:1 bob:2", from 1 to 65535 and no two alike. Errors:
    /// misconfigured
    static Node_number parse(std::string_view text);
    /// Nothing when that node is not named.
    std::optional<std::uint16_t> on(const std::string& node) const;

private:
    std::optional<std::uint16_t> everywhere_{};
    std::map<std::string, std::uint16_t> by_node_{};
};

}  // namespace san
