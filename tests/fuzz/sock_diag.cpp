// SPDX-License-Identifier: GPL-2.0-or-later
// Connections and listeners, as sock_diag describes them.
#include <linux/sock_diag.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include "fuzz/fuzz.hpp"
#include "kernel/diag_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "sock_diag", .headers = {{SOCK_DIAG_BY_FAMILY, sizeof(inet_diag_msg)}}};

void decode(const Input& input) {
    for (const auto& datagram : input.datagrams()) {
        auto rest = static_cast<int>(datagram.size());
        auto* message = const_cast<nlmsghdr*>(reinterpret_cast<const nlmsghdr*>(datagram.data()));
        for (; nlmsg_ok(message, rest); message = nlmsg_next(message, &rest)) {
            if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY) continue;
            if (input.chooses(0)) {
                const auto found = diag::socket_of(*message);
                require(found.family == AF_INET || found.family == AF_INET6, "another family");
                // As both are asked for and ended.
                require(found.connection.local.family() == found.connection.remote.family() ||
                            found.family == AF_INET6,
                        "ends of two families");
                require(!found.connection.local.to_text().empty(), "an address without a text");
            } else {
                const auto found = diag::listener_of(*message);
                require(!found.ip.to_text().empty(), "an address without a text");
            }
        }
    }
}

}  // namespace san::fuzz
