// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tgt_messages.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/error.hpp"

namespace san::tgt {

namespace {

// struct tgtadm_req, usr/tgtadm.h, 1.0.85: it has no version, so its size is what tells a daemon of
// another kind.
struct Header {
    std::uint32_t mode;
    std::uint32_t op;
    std::array<char, 64> driver;
    std::uint32_t length;
    std::int32_t target;
    std::uint64_t session;
    std::uint64_t unit;
    std::uint32_t connection;
    std::uint32_t host;
    std::uint32_t device_type;
    std::uint32_t direction;
    std::uint32_t pack;
    std::uint32_t force;
};
static_assert(sizeof(Header) == 120 || sizeof(void*) < 8);

struct Answer_header {
    std::uint32_t code;
    std::uint32_t length;
};

// Targets and units of a busy daemon take some kilobytes each; more than this is none of its lists.
constexpr std::size_t largest_answer = std::size_t{64} << 20;

Answer_header header_of(const Bytes& bytes) {
    Answer_header header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

}  // namespace

Bytes encode(const Request& request) {
    // With its NUL, which is counted. A request that ought to have a text and has none kills the
    // daemon, so the builders of requests see to it.
    const auto text_size = request.text.empty() ? 0 : request.text.size() + 1;
    if (text_size > largest_text)
        throw Error{Kind::misconfigured, "a request to tgtd of " + std::to_string(text_size) +
                                             " bytes: expected at most " +
                                             std::to_string(largest_text)};
    Header header{};
    header.mode = static_cast<std::uint32_t>(request.mode);
    header.op = static_cast<std::uint32_t>(request.op);
    constexpr std::string_view driver{"iscsi"};
    std::copy(driver.begin(), driver.end(), header.driver.begin());
    header.length = static_cast<std::uint32_t>(sizeof header + text_size);
    header.target = request.target;
    header.session = request.session;
    header.unit = request.unit;
    header.connection = request.connection;
    header.device_type = request.device_type;
    header.direction = request.outgoing ? 1 : 0;
    header.force = request.by_force ? 1 : 0;
    Bytes bytes(sizeof header + text_size);
    std::memcpy(bytes.data(), &header, sizeof header);
    std::copy(request.text.begin(), request.text.end(), bytes.begin() + sizeof header);
    return bytes;
}

std::string meaning_of(std::uint32_t code) {
    constexpr std::array words{"done",
                               "an unknown failure",
                               "out of memory",
                               "no such driver",
                               "no such target",
                               "no such unit",
                               "no such session",
                               "no such connection",
                               "no target is bound",
                               "the target exists",
                               "the unit exists",
                               "a target is bound",
                               "the entry is in the access list",
                               "the entry is not in the access list",
                               "the user exists",
                               "no such user",
                               "too many users",
                               "the request is invalid",
                               "the target has an account of its own",
                               "the target is in use",
                               "the unit is in use",
                               "the driver is in use",
                               "the operation is not supported",
                               "no such parameter",
                               "an initiator prevents the removal"};
    const auto number = "tgtd: error " + std::to_string(code);
    return code < words.size() ? number + ", " + words[code] : number;
}

void Incoming::take(const std::uint8_t* bytes, std::size_t count) {
    bytes_.insert(bytes_.end(), bytes, bytes + count);
    if (bytes_.size() < sizeof(Answer_header)) return;
    const auto length = header_of(bytes_).length;
    if (length < sizeof(Answer_header) || length > largest_answer || bytes_.size() > length)
        throw Error{Kind::failed, "tgtd's answer is no answer of tgtd"};
}

bool Incoming::complete() const {
    return bytes_.size() >= sizeof(Answer_header) && bytes_.size() == header_of(bytes_).length;
}

Answer Incoming::answer() const {
    Answer answer{.code = header_of(bytes_).code,
                  .text = {bytes_.begin() + sizeof(Answer_header), bytes_.end()}};
    // The NUL is counted; an empty list has none.
    if (answer.text.ends_with('\0')) answer.text.pop_back();
    return answer;
}

}  // namespace san::tgt
