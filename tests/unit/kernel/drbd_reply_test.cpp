// SPDX-License-Identifier: GPL-2.0-or-later
// What real modules answered to requests, of 8.4.11 and 9.3.3: every captured answer (r).
#include <array>
#include <cerrno>
#include <linux/netlink.h>

#include "base/error.hpp"
#include "kernel/drbd_messages.hpp"
#include "kernel/drbd_v84.hpp"
#include "support/catch.hpp"
#include "unit/kernel/capture.hpp"

using namespace san;
using drbd::Dialect;

namespace {

/// EINVAL for a request of that length.
nlmsgerr refusal(std::uint32_t length) {
    nlmsgerr error{};
    error.error = -EINVAL;
    error.msg.nlmsg_len = length;
    return error;
}

}  // namespace

TEST_CASE("DRBD: every captured answer has its code and texts") {
    std::size_t seen = 0;
    for (const auto dialect : {Dialect::v84, Dialect::v9})
        for (const auto& capture : test::captures(dialect, "r")) {
            ++seen;
            INFO(capture.name);
            const auto& received = capture.exchanges.at(0).received;
            drbd::Reply reply{capture.family(dialect)};
            const auto errors = capture.remarks_after("meaning: NLMSG_ERROR -");
            if (!errors.empty()) {
                try {
                    reply.take(received.at(0));
                    FAIL("the refusal was not seen");
                } catch (const Error& failure) {
                    CHECK(std::to_string(failure.errnum()) == errors.at(0));
                    CHECK((failure.kind() == Kind::not_permitted) == (failure.errnum() == EPERM));
                }
                continue;
            }
            for (const auto& datagram : received) {
                CHECK_FALSE(reply.complete());
                reply.take(datagram);
            }
            CHECK(reply.complete());
            const auto answer = reply.answer();
            const auto meaning = capture.remarks_after("meaning: cmd ").at(0);
            CHECK(meaning.substr(meaning.rfind(' ') + 1) == std::to_string(answer.code));
            std::string texts;
            for (const auto& text : capture.remarks_after("meaning: info_text "))
                texts += (texts.empty() ? "" : "\n") + text.substr(1, text.size() - 2);
            if (!texts.empty()) CHECK(answer.text == texts);
            CHECK(answer.text.empty() == (answer.ok() && texts.empty()));
        }
    CHECK(seen == 50 + 76);
}

TEST_CASE("DRBD 8.4: the role of one volume is in the answer to a question for its state") {
    const auto capture = test::capture(Dialect::v84, "d07-get-status-minor");
    drbd::Reply reply{capture.family(Dialect::v84)};
    for (const auto& datagram : capture.exchanges.at(0).received) reply.take(datagram);
    CHECK(reply.complete());
    CHECK(reply.role() == drbd::Role::secondary);
}

TEST_CASE("DRBD: an acknowledgement without an answer is no success") {
    drbd::Writer ack{NLMSG_ERROR, 0};
    ack.header(nlmsgerr{});
    drbd::Reply reply{{.id = 0x22, .version = 1}};
    reply.take(ack.bytes());
    CHECK(reply.complete());
    CHECK_FALSE(reply.answer().ok());
}

TEST_CASE("DRBD 8.4: the strict form's refusal is told in the kernel's words") {
    // As netlink has put it since Linux 4.12; the refused request is left out but for its header.
    drbd::Writer error{NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS};
    error.header(refusal(64));
    error.string(NLMSGERR_ATTR_MSG, "Unknown attribute type");
    drbd::Reply reply{{.id = 0x22, .version = 1, .strict = true}};
    CHECK_THROWS_WITH(reply.take(error.bytes()), ContainsSubstring("Unknown attribute type"));
    drbd::Writer whole{NLMSG_ERROR, NLM_F_ACK_TLVS};
    whole.header(refusal(20)).header(std::uint32_t{7});
    whole.string(NLMSGERR_ATTR_MSG, "missing");
    CHECK_THROWS_WITH(reply.take(whole.bytes()), ContainsSubstring("missing"));
}

TEST_CASE("DRBD: a truncated answer is no answer") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto capture = test::capture(dialect, "r09-down-open");
        for (const auto& whole : capture.exchanges.at(0).received)
            for (std::size_t length = 0; length < whole.size(); ++length) {
                drbd::Reply reply{capture.family(dialect)};
                reply.take({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
                CHECK_FALSE(reply.complete());
                CHECK_FALSE(reply.answer().ok());
            }
    }
}
