// SPDX-License-Identifier: GPL-2.0-or-later
// What crm_mon says in XML.
#include "fuzz/fuzz.hpp"
#include "stack/cluster_picture.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "picture", .is_netlink = false};

void decode(const Input& input) {
    const auto picture = stack::read_picture(std::string{input.text()});
    for (const auto& node : picture.nodes)
        require(picture.find_node(node.name) != nullptr, "a node that is not found");
    stack::places(picture);
}

}  // namespace san::fuzz
