// SPDX-License-Identifier: GPL-2.0-or-later
// Random values on the fake node. SAN_RANDOM_VALUES says how many.
#include "conformance/random_values.hpp"

using namespace san;
using test::Stage;

namespace {

void describe(const Configfs& configfs, const Configfs::Path& at, std::string& into) {
    into += at.string() + "\n";
    for (const auto& name : configfs.find_entries(at).value_or(std::vector<std::string>{}))
        describe(configfs, at / name, into);
}

/// All that an agent could have left behind.
std::string remains(test::Node& node) {
    std::string text;
    for (const auto& address : node.network.addresses.all)
        text += address.ip.to_text() + "/" + std::to_string(address.prefix) + "\n";
    for (const auto& [ip, label] : node.network.addresses.source_labels)
        text += "label of " + ip.to_text() + "\n";
    for (const auto& [name, block] : node.firewall.blocks) text += "block " + name + "\n";
    for (const auto& device : node.mapper.list) text += device.name + "\n";
    for (const auto& [name, resource] : node.drbd.resources) text += "drbd " + name + "\n";
    for (const auto* below : {"target/core", "target/iscsi"})
        if (node.configfs.find_entries(below)) describe(node.configfs, below, text);
    for (const auto* directory : {"/run/resource-agents", "/run/resource-agents/portblock"})
        for (const auto& name : node.files.names(directory)) text += name + "\n";
    return text;
}

}  // namespace

TEST_CASE("random values: start is all or nothing, and stop takes it away") {
    Stage stage;
    const auto tally = test::try_random_values(stage, [&] { return remains(stage.node); });
    // Else nothing was tried.
    CHECK(tally.started > 0);
    CHECK(tally.refused > 0);
}
