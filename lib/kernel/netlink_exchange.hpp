// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel answers over netlink(7), datagram by datagram, whichever protocol it is of.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <span>

struct nlmsghdr;

namespace san::netlink {

/// A datagram, aligned as its messages are.
using Datagram = std::span<const char>;

/// The answer to one request: messages, up to the one that ends it.
class Exchange {
public:
    /// `each` is called with every message of the protocol's own. What it throws is kept until the
    /// answer is complete: the socket is used again.
    Exchange(std::uint32_t sequence, const std::function<void(const nlmsghdr&)>& each)
        : sequence_{sequence}, each_{&each} {}

    void take(Datagram datagram);

    bool finished() const { return finished_; }
    /// Whether nothing changed while it was listed.
    bool consistent() const { return consistent_; }
    /// 0 or an errno. Errors: what `each` has thrown
    int result() const;

private:
    void take(const nlmsghdr& message);

    std::uint32_t sequence_;
    const std::function<void(const nlmsghdr&)>* each_;
    std::exception_ptr thrown_{};
    int errnum_ = 0;
    bool consistent_ = true;
    bool finished_ = false;
};

/// The answers to a transaction of nfnetlink whose messages have the numbers 0 to `last`.
class Transaction {
public:
    explicit Transaction(std::uint32_t last) : last_{last} {}

    void take(Datagram datagram);

    bool finished() const { return finished_; }
    /// 0 or the errno of the first message that was refused.
    int result() const { return errnum_; }

private:
    std::uint32_t last_;
    int errnum_ = 0;
    bool finished_ = false;
};

}  // namespace san::netlink
