// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/iet_accounts.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace san::iet {

namespace {

// Offsets in the request, which the answer repeats; behind it the answer has its own number.
constexpr std::size_t at_target = 4;
constexpr std::size_t at_direction = 24;
constexpr std::size_t at_user = 28;
constexpr std::size_t name_length = 256;
constexpr std::size_t at_password = at_user + name_length;
constexpr std::size_t at_room = 28;
constexpr std::size_t at_count = 32;
constexpr std::size_t at_overflow = 36;
// The largest part of the union is a logical unit's arguments, 2048 bytes.
constexpr std::size_t request_size = 24 + 2048;
static_assert(answer_size == request_size + sizeof(std::uint32_t));

/// A target has one, or somebody has been there.
constexpr std::uint32_t names_asked = 8;

void put(Bytes& bytes, std::size_t at, std::uint32_t value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

void put(Bytes& bytes, std::size_t at, const std::string& word, const char* what) {
    if (word.size() > longest_word)
        throw Error{Kind::misconfigured,
                    std::string{"expected a "} + what + " of at most 255 bytes"};
    std::copy(word.begin(), word.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

std::uint32_t number_at(const Bytes& bytes, std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

std::string word_at(const Bytes& bytes, std::size_t at) {
    const auto* begin = reinterpret_cast<const char*>(bytes.data() + at);
    return {begin, ::strnlen(begin, name_length)};
}

}  // namespace

bool speaks_of_accounts(std::string_view version) {
    constexpr std::string_view known = "1.4.20";
    return version == known || version.starts_with("1.4.20.");
}

Bytes encode(const Account_request& request) {
    Bytes bytes(request_size);
    put(bytes, 0, static_cast<std::uint32_t>(request.op));
    put(bytes, at_target, request.target);
    put(bytes, at_direction, request.outgoing ? 1 : 0);
    if (request.op == Account_op::list) {
        put(bytes, at_room, names_asked * static_cast<std::uint32_t>(name_length));
        return bytes;
    }
    put(bytes, at_user, request.user, "user name");
    put(bytes, at_password, request.password.reveal(), "password");
    return bytes;
}

std::size_t more_of(const Account_request& request, const Bytes& answer) {
    const bool has_more = request.op == Account_op::list && number_at(answer, request_size) == 0;
    return has_more ? names_asked * name_length : 0;
}

Account_answer decode(const Account_request& request, const Bytes& answer) {
    const auto unreadable = [] {
        return Error{Kind::failed, "ietd's answer is none to what was asked"};
    };
    if (answer.size() < answer_size) throw unreadable();
    // 0, or a negative errno(3); negated as it came, since there is one that has no opposite.
    Account_answer found{.errnum = static_cast<int>(0U - number_at(answer, request_size))};
    // To one that it does not trust it answers with whatever is in its memory.
    if (!found.ok()) return found;
    if (number_at(answer, 0) != static_cast<std::uint32_t>(request.op) ||
        number_at(answer, at_target) != request.target ||
        answer.size() != answer_size + more_of(request, answer))
        throw unreadable();
    if (request.op == Account_op::show) found.password = Secret{word_at(answer, at_password)};
    if (request.op != Account_op::list) return found;
    const auto count = number_at(answer, at_count);
    if (count > names_asked) throw unreadable();
    for (std::size_t one = 0; one < count; ++one)
        found.users.push_back(word_at(answer, answer_size + one * name_length));
    found.more = number_at(answer, at_overflow) != 0;
    return found;
}

}  // namespace san::iet
