// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/scores.hpp"

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

}  // namespace

void Attribute_scores::publish(const std::string& instance, const std::string& node,
                               std::optional<int> score, const Deadline& deadline) {
    // The name is Pacemaker's interface to its scheduler, unchanged by the new words for roles.
    const auto name = "master-" + instance;
    const auto value = score ? std::to_string(*score) : std::string{};
    if (const auto set_attribute = find_door()) {
        if (const auto* problem =
                set_attribute(node.c_str(), name.c_str(), score ? value.c_str() : nullptr))
            throw Error{Kind::failed, name + ": " + problem};
        return;
    }
    std::vector<std::string> argv{"attrd_updater", "-N", node, "-n", name};
    if (score)
        argv.insert(argv.end(), {"-U", value});
    else
        argv.emplace_back("-D");
    commands_->must(argv, deadline);
}

}  // namespace san::cluster
