// SPDX-License-Identifier: GPL-2.0-or-later
// What san-status of another node says.
#include "stack/status.hpp"

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "status", .is_netlink = false};

void decode(const Input& input) {
    const auto node = stack::node_from_json(std::string{input.text()});
    stack::Status status{.nodes = {{.name = node.name, .status = node, .not_asked = {}}}};
    stack::assess(status);
    const auto screen =
        stack::render(status, {.coloured = false, .width = input.chooses(0) ? 40U : 0U});
    for (const char letter : screen)
        require(letter == '\n' || (static_cast<unsigned char>(letter) >= ' ' && letter != '\x7f'),
                "a control character on the screen");
    // For another reader, and again for ourselves.
    stack::node_from_json(stack::to_json(status));
}

}  // namespace san::fuzz
