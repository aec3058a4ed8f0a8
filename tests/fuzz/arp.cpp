// SPDX-License-Identifier: GPL-2.0-or-later
// What neighbours say of an address: whatever is on the network can send it.
#include "kernel/arp.hpp"

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "arp", .is_netlink = false};

void decode(const Input& input) {
    const auto ip = Ip::parse("10.0.0.7");
    // Ethernet, InfiniBand, and one without addresses.
    const std::size_t length = input.chooses(1) ? 0 : input.chooses(0) ? 20 : 6;
    const Link link{.index = {2}, .name = "eth0", .hardware = arp::Bytes(length, 2)};
    const bool claimed = arp::claims(input.bytes, link, ip);
    require(!claimed || input.bytes.size() >= 8 + 2 * (length + ip.size()), "a claim by a part");
    // Nobody fears what we have sent ourselves.
    for (const auto operation : {arp::Operation::request, arp::Operation::reply})
        require(!arp::claims(arp::packet(operation, link, ip), link, ip), "our own claim");
    require(!arp::claims(arp::probe(link, ip), link, ip), "our own question");
}

}  // namespace san::fuzz
