// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster's configuration, as the fence handler and as san-check and san-migrate read it.
#include "cluster/cib_document.hpp"
#include "fuzz/fuzz.hpp"
#include "stack/configuration.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "cib", .is_netlink = false};

namespace {

void as_the_fence_handler(const std::string& xml) {
    const cluster::Cib_document document{xml};
    document.this_version();
    document.has_quorum();
    document.names_leader();
    document.fencing();
    for (const auto& node : document.nodes()) {
        document.find_node(node);
        document.find_state(node);
        document.find_attribute(node, "standby");
    }
    const auto clone = document.find_clone("r0");
    document.find_constraint("drbd-fence-by-handler-r0-" + clone.value_or("x"));
}

void as_an_administrator(const std::string& xml) {
    const auto all = stack::Configuration::parse(xml);
    for (const auto& resource : all.resources) {
        require(all.find_resource(resource.id) != nullptr, "a resource that is not found");
        all.primitives_of(resource.outermost());
    }
}

}  // namespace

void decode(const Input& input) {
    const std::string xml{input.text()};
    if (input.chooses(0))
        as_an_administrator(xml);
    else
        as_the_fence_handler(xml);
}

}  // namespace san::fuzz
