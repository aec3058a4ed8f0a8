// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/clone.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::ocf {

namespace {

/// Node names are names of hosts, which have no case.
bool is_same(const std::string& one, const std::string& other) {
    return text::lower(one) == text::lower(other);
}

}  // namespace

std::optional<int> Clone::number(const std::string& current, const std::string& legacy) const {
    const auto value = environment_->meta(current);
    return text::number<int>(value ? *value : environment_->meta(legacy).value_or(""));
}

int Clone::promoted_max() const { return number("promoted_max", "master_max").value_or(1); }

std::optional<int> Clone::instances() const { return number("clone_max", "clone_max"); }

bool Clone::is_notified() const {
    // Notifications that come prove it, whatever the attribute says.
    return environment_->meta("notify_start_uname") ||
           text::is_true(environment_->meta("notify").value_or(""));
}

void Clone::check_one_per_node() const {
    for (const auto* most : {"clone_node_max", "promoted_node_max", "master_node_max"})
        if (const auto value = environment_->meta(most); value && *value != "1")
            throw Error{Kind::misconfigured, std::string{most} + "=" + text::quoted(*value) +
                                                 ": expected the meta attribute to be 1"};
}

std::string Clone::other_node(const std::string& here) const {
    constexpr std::array<std::array<const char*, 2>, 5> lists{
        {{"notify_start_uname", "notify_start_uname"},
         {"notify_promote_uname", "notify_promote_uname"},
         {"notify_promoted_uname", "notify_master_uname"},
         {"notify_unpromoted_uname", "notify_slave_uname"},
         {"notify_demote_uname", "notify_demote_uname"}}};
    for (const auto& [current, legacy] : lists)
        for (auto& node : environment_->meta_words(current, legacy))
            if (!is_same(node, here)) return node;
    return {};
}

std::string Clone::promoted_elsewhere(const std::string& here) const {
    const auto stopping = environment_->meta_words("notify_stop_uname");
    for (auto& node : environment_->meta_words("notify_promoted_uname", "notify_master_uname")) {
        if (is_same(node, here)) continue;
        const bool stops = std::any_of(stopping.begin(), stopping.end(),
                                       [&](const auto& other) { return is_same(other, node); });
        return stops ? std::string{} : node;
    }
    return {};
}

}  // namespace san::ocf
