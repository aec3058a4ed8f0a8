// SPDX-License-Identifier: GPL-2.0-or-later
// tgtd's management protocol, to and from bytes. Nothing here opens a socket, so that captured
// bytes of a real daemon are its test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace san::tgt {

/// What a request is about; mgmt_req's `mode`.
enum class Mode : std::uint32_t {
    system,
    target,
    device,
    portal,
    driver,
    session,
    connection,
    account
};

/// What is to be done with it; mgmt_req's `op`.
enum class Op : std::uint32_t { make, remove, show, bind, unbind, update };

/// In the place of a target's number: all targets, or, of accounts, discovery.
inline constexpr std::int32_t every_target = -1;
/// In the place of a unit's number: none.
inline constexpr std::uint64_t no_unit = ~std::uint64_t{0};

/// The most that the daemon reads behind the header; for a byte more it hangs up (1.0.85).
inline constexpr std::size_t largest_text = 8192;

struct Request {
    Mode mode{};
    Op op{};
    std::int32_t target = every_target;
    std::uint64_t session = 0;
    std::uint64_t unit = no_unit;
    std::uint32_t connection = 0;
    std::uint32_t device_type = 0;  ///< a disk
    bool outgoing = false;          ///< of an account: the target's own
    bool by_force = false;
    std::string text{};

    friend bool operator==(const Request&, const Request&) = default;
};

using Bytes = std::vector<std::uint8_t>;

/// As the daemon of this machine's word size reads it, for the driver "iscsi".
///
/// Errors  misconfigured when the text is longer than the daemon takes
Bytes encode(const Request& request);

// The daemon's numbers for a refusal; tgtadm_errno, 1.0.85.
inline constexpr std::uint32_t no_target = 4;
inline constexpr std::uint32_t no_such_unit = 5;
inline constexpr std::uint32_t no_such_session = 6;
inline constexpr std::uint32_t no_such_connection = 7;
inline constexpr std::uint32_t target_exists = 9;
inline constexpr std::uint32_t unit_exists = 10;
inline constexpr std::uint32_t list_entry_exists = 12;
inline constexpr std::uint32_t no_list_entry = 13;
inline constexpr std::uint32_t user_exists = 14;
inline constexpr std::uint32_t no_such_user = 15;
inline constexpr std::uint32_t invalid_request = 17;
inline constexpr std::uint32_t target_is_busy = 19;
inline constexpr std::uint32_t unit_is_busy = 20;

struct Answer {
    std::uint32_t code = 0;  ///< 0: done
    std::string text{};      ///< what a question has found; without the NUL that ends it

    bool ok() const { return code == 0; }
};

/// A refusal in words.
std::string meaning_of(std::uint32_t code);

/// Collects an answer's bytes as they come.
class Incoming {
public:
    /// Errors  failed when this is no answer of tgtd's
    void take(const std::uint8_t* bytes, std::size_t count);
    /// Not before complete() is anything to be had.
    bool complete() const;
    Answer answer() const;

private:
    Bytes bytes_{};
};

}  // namespace san::tgt
