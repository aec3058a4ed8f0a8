// SPDX-License-Identifier: GPL-2.0-or-later
// What drbdadm dump-xml prints.
#include "stack/drbd_configuration.hpp"

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "drbd_configuration", .is_netlink = false};

void decode(const Input& input) {
    const std::string xml{input.text()};
    stack::comparable(xml);
    const auto all = stack::Drbd_configuration::parse(xml);
    for (const auto& resource : all.resources) {
        require(!resource.connections.empty(), "a resource without a connection");
        require(!resource.fencing().empty(), "no word for fencing");
        require(all.find_resource(resource.name) != nullptr, "a resource that is not found");
    }
}

}  // namespace san::fuzz
