// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/port_block.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("port list: sorted, merged where ranges touch, and one text for all spellings") {
    for (const auto* text : {"80,81,443", "443,80:81", "0080,81,80,443:443", "80-81,443"})
        CHECK(Port_list::parse(text).to_text() == "80-81,443");
    CHECK(Port_list::parse("1:65535").ranges == std::vector<Port_range>{{1, 65535}});
    CHECK(Port_list::parse("65535,65534").to_text() == "65534-65535");
    CHECK(Port_list::parse("100:200,150").to_text() == "100-200");
    for (const auto* text : {"", ",", "80,", "0", "65536", "80:", ":80", "2:1", "a", "+80", "1 "})
        CHECK_THROWS_AS(Port_list::parse(text), Error);
}

TEST_CASE("port block: doors have one name each") {
    const auto key = [](const char* ports, const char* network, const char* direction) {
        return Port_block{.ports = Port_list::parse(ports),
                          .network = Ip_network::parse(network),
                          .direction = Direction::parse(direction)}
            .key();
    };
    CHECK(key("3260", "10.0.0.7", "in") == "tcp_3260_10.0.0.7_in");
    CHECK(key("3260", "10.0.0.7/32", "in") == "tcp_3260_10.0.0.7_in");
    CHECK(key("3260", "0.0.0.0/0", "in") == "tcp_3260_0.0.0.0_0_in");
    CHECK(key("3260", "::/0", "both") == "tcp_3260_--_0_both");
    CHECK(key("80,443", "2001:db8::7", "out") == "tcp_80_443_2001-db8--7_out");
    CHECK(key("80,443", "2001:DB8:0:0::7", "out") == "tcp_80_443_2001-db8--7_out");
    CHECK(key("80", "10.0.0.9/24", "in") == key("80", "10.0.0.0/24", "in"));
}
