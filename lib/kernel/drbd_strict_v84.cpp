// SPDX-License-Identifier: GPL-2.0-or-later
// Version 1 of DRBD's family as mainline describes it since 2026
// (Documentation/netlink/specs/drbd.yaml): the numbers of 8.4, but each operation lists the
// attributes it takes and refuses all others with EINVAL. The lists are those that
// linux/drbd_genl.h of 8.4 only announced.
#include "kernel/drbd_v84.hpp"

namespace san::drbd {

namespace {

class Wire_strict_v84 final : public Wire_v84 {
public:
    std::vector<Datagram> disconnect(const Family& family, const Resource& resource,
                                     const Peer& peer, bool) const override {
        // Its list has no parameters: there is no force. The graceful one ends too, when the
        // network's timeout has passed.
        return Wire_v84::disconnect(family, resource, peer, false);
    }
};

}  // namespace

const Wire& wire_strict_v84() {
    static const Wire_strict_v84 wire;
    return wire;
}

}  // namespace san::drbd
