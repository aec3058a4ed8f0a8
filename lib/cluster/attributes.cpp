// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/attributes.hpp"

#include "base/error.hpp"
#include "base/late_library.hpp"
#include "base/log.hpp"
#include "cluster/attrd.hpp"

namespace san::cluster {

namespace {

/// Null when the library, or what it needs of Pacemaker's, is not there.
auto* find_door() {
    Late_library library{"libsan-cluster.so.0"};
    const auto door =
        library.find<decltype(san_cluster_set_attribute)>("san_cluster_set_attribute");
    if (!door) log::debug("publishing through attrd_updater: ", library.problem());
    return door;
}

const char* text_or_null(const std::optional<std::string>& text) {
    return text ? text->c_str() : nullptr;
}

}  // namespace

void Attrd_attributes::set(const Node_attribute& attribute, const Deadline& deadline) {
    const auto& [node, name, value, dampening] = attribute;
    const auto delay = dampening ? std::optional{std::to_string(dampening->count())} : std::nullopt;
    if (const auto set_attribute = find_door()) {
        if (const auto* problem = set_attribute(node.empty() ? nullptr : node.c_str(), name.c_str(),
                                                text_or_null(value), text_or_null(delay)))
            throw Error{Kind::failed, name + ": " + problem};
        return;
    }
    std::vector<std::string> argv{"attrd_updater"};
    if (!node.empty()) argv.insert(argv.end(), {"-N", node});
    argv.insert(argv.end(), {"-n", name});
    const auto with = [&argv](std::vector<std::string> more) {
        more.insert(more.begin(), argv.begin(), argv.end());
        return more;
    };
    if (value && delay)
        commands_->must(with({"-B", *value, "-d", *delay}), deadline);
    else if (value)
        commands_->must(with({"-U", *value}), deadline);
    else {
        // It has no single command for both.
        if (delay) commands_->must(with({"-Y", "-d", *delay}), deadline);
        commands_->must(with({"-D"}), deadline);
    }
}

}  // namespace san::cluster
