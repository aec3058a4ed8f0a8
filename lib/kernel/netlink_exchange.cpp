// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/netlink_exchange.hpp"

#include <cerrno>
#include <cstring>
#include <linux/netlink.h>
#include <netlink/msg.h>

namespace san::netlink {

namespace {

/// Calls `take` with the messages of a datagram, as long as it returns true.
template <class Take>
void each_message(Datagram datagram, const Take& take) {
    // libnl counts down with a sign, the kernel's own macros without: behind a last message that is
    // not padded they would go on.
    auto left = static_cast<int>(datagram.size());
    auto* message = reinterpret_cast<nlmsghdr*>(const_cast<char*>(datagram.data()));
    for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left))
        if (!take(*message)) return;
}

// linux/err.h, 6.1.
constexpr int largest_errno = 4095;

/// What the end of an answer says; it begins with an errno, as its negative. What is neither that
/// nor 0 is not taken for success.
int errnum_in(const nlmsghdr& message) {
    int error = 0;
    if (nlmsg_datalen(&message) >= static_cast<int>(sizeof error))
        std::memcpy(&error, nlmsg_data(&message), sizeof error);
    else if (message.nlmsg_type == NLMSG_ERROR)
        return EPROTO;
    return error > 0 || error < -largest_errno ? EPROTO : -error;
}

}  // namespace

void Exchange::take(Datagram datagram) {
    each_message(datagram, [&](const nlmsghdr& message) {
        if (message.nlmsg_seq == sequence_) take(message);
        return true;
    });
}

void Exchange::take(const nlmsghdr& message) {
    if (finished_) return;
    if (message.nlmsg_flags & NLM_F_DUMP_INTR) consistent_ = false;
    if (message.nlmsg_type == NLMSG_DONE || message.nlmsg_type == NLMSG_ERROR) {
        errnum_ = errnum_in(message);
        finished_ = true;
    }
    if (finished_ || message.nlmsg_type < NLMSG_MIN_TYPE) return;
    try {
        if (!thrown_) (*each_)(message);
    } catch (...) {
        thrown_ = std::current_exception();
    }
}

int Exchange::result() const {
    if (thrown_) std::rethrow_exception(thrown_);
    return errnum_;
}

void Transaction::take(Datagram datagram) {
    each_message(datagram, [&](const nlmsghdr& message) {
        if (message.nlmsg_type != NLMSG_ERROR) return true;
        const int errnum = errnum_in(message);
        if (errnum_ == 0) errnum_ = errnum;
        // The frame itself is answered only when nothing of it was looked at.
        finished_ = message.nlmsg_seq == last_ || (message.nlmsg_seq == 0 && errnum != 0);
        return !finished_;
    });
}

}  // namespace san::netlink
