// SPDX-License-Identifier: GPL-2.0-or-later
// What ietd is asked about CHAP accounts on its socket, to and from bytes. Nothing here opens one.
//
// Source  struct ietadm_req and its like in usr/ietadm.h, ietadm_request_handle in usr/message.c,
//         1.4.20 and 1.4.20.2, the same on i386 and x86_64
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace san::iet {

/// Numbers of ietd's commands from 1.4.20 on. Before it they were one less (1.4.19), and the
/// number of one command was that of another.
enum class Account_op : std::uint32_t { make = 17, remove = 18, show = 20, list = 25 };

struct Account_request {
    Account_op op{};
    std::uint32_t target = 0;
    bool outgoing = false;  ///< the target's own, else the initiators'
    std::string user{};     ///< not of a list
    Secret password{""};    ///< to make one
};

struct Account_answer {
    int errnum = 0;                    ///< 0: done; ENOENT: there is no such account
    Secret password{""};               ///< of the account that was shown
    std::vector<std::string> users{};  ///< of a list; the one that was made last comes first
    bool more = false;                 ///< a list has more than was asked for
    bool ok() const { return errnum == 0; }
};

using Bytes = std::vector<std::uint8_t>;

/// Whether this is a version of the module whose ietd takes these bytes.
bool speaks_of_accounts(std::string_view version);

/// The longest user or password, in bytes.
inline constexpr std::size_t longest_word = 255;

/// Errors  misconfigured for a word that is too long, without it
Bytes encode(const Account_request& request);

/// How many bytes ietd answers with when it refuses, which a success begins with as well, and how
/// many follow.
inline constexpr std::size_t answer_size = 2076;
std::size_t more_of(const Account_request& request, const Bytes& answer);

/// Errors  failed when this is no answer to the request
Account_answer decode(const Account_request& request, const Bytes& answer);

}  // namespace san::iet
