// SPDX-License-Identifier: GPL-2.0-or-later
// How answers over netlink end, also in ways in which no kernel ends them.
#include "kernel/netlink_exchange.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <linux/netlink.h>
#include <vector>

#include "support/catch.hpp"

using namespace san;

namespace {

/// A message that is nothing but its header and a number, of which the first bytes are said.
std::vector<char> message(std::uint16_t type, std::uint32_t sequence, int number,
                          std::size_t bytes = sizeof(int)) {
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + bytes);
    header.nlmsg_type = type;
    header.nlmsg_seq = sequence;
    std::vector<char> all(NLMSG_HDRLEN + bytes);
    std::memcpy(all.data(), &header, sizeof header);
    std::memcpy(all.data() + NLMSG_HDRLEN, &number, bytes);
    return all;
}

int result_of(const std::vector<char>& end) {
    const std::function<void(const nlmsghdr&)> nothing = [](const nlmsghdr&) {};
    netlink::Exchange exchange{7, nothing};
    exchange.take(end);
    REQUIRE(exchange.finished());
    return exchange.result();
}

}  // namespace

TEST_CASE("netlink: an end that says no errno is no success") {
    CHECK(result_of(message(NLMSG_ERROR, 7, 0)) == 0);
    CHECK(result_of(message(NLMSG_ERROR, 7, -ENODEV)) == ENODEV);
    CHECK(result_of(message(NLMSG_DONE, 7, 0)) == 0);
    CHECK(result_of(message(NLMSG_ERROR, 7, 1)) == EPROTO);
    CHECK(result_of(message(NLMSG_ERROR, 7, INT_MIN)) == EPROTO);
    CHECK(result_of(message(NLMSG_ERROR, 7, 0, 2)) == EPROTO);
}

TEST_CASE("netlink: what comes behind the end does not change it") {
    auto bytes = message(NLMSG_ERROR, 7, -EPERM);
    const auto more = message(NLMSG_DONE, 7, 0);
    bytes.insert(bytes.end(), more.begin(), more.end());
    CHECK(result_of(bytes) == EPERM);
}

TEST_CASE("netlink: the last answer of a transaction may be without padding") {
    auto bytes = message(NLMSG_ERROR, 1, -EEXIST);
    const auto odd = message(NLMSG_ERROR, 2, 0, 3);
    bytes.insert(bytes.end(), odd.begin(), odd.end());
    netlink::Transaction transaction{3};
    transaction.take(bytes);
    CHECK_FALSE(transaction.finished());
    transaction.take(message(NLMSG_ERROR, 3, 0));
    CHECK(transaction.finished());
    CHECK(transaction.result() == EEXIST);
}
