// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_groups.hpp"

#include "support/catch.hpp"

using namespace initiator;

TEST_CASE("port groups: each with its state and its ports") {
    const std::vector<std::uint8_t> answer{
        0,    0,    0,    24,                     // bytes that follow
        0x82, 0x8f, 0x01, 0x02, 0,    2,   0, 1,  // standby, preferred, 0x102, one port
        0,    0,    0x00, 0x07,                   //
        0x00, 0x8f, 0x00, 0x03, 0,    0,   0, 1,  // active, 3, one port
        0,    0,    0x12, 0x34, 0xee, 0xee};      // and bytes that do not count
    CHECK(port_groups_json(parse_port_groups(answer)) ==
          R"([{"id": 258, "state": 2, "preferred": true, "ports": [7]}, )"
          R"({"id": 3, "state": 0, "preferred": false, "ports": [4660]}])");
    CHECK(port_groups_json(parse_port_groups(std::vector<std::uint8_t>(4))) == "[]");
}

TEST_CASE("port groups: an answer that ends too early is no answer") {
    for (const auto& answer : {std::vector<std::uint8_t>{}, std::vector<std::uint8_t>{0, 0, 0},
                               std::vector<std::uint8_t>{0, 0, 0, 8, 0, 0},
                               std::vector<std::uint8_t>{0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1}})
        CHECK_THROWS_WITH(parse_port_groups(answer), ContainsSubstring("too early"));
}
