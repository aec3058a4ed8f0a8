// SPDX-License-Identifier: GPL-2.0-or-later
// What a fuzz target and its driver know of each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/drbd_family.hpp"

namespace san::fuzz {

/// What a decoder is given: how it is asked, and bytes, which may be messages that follow each
/// other.
struct Input {
    std::uint8_t choice = 0;  ///< four bits, which a target may read as it likes
    std::vector<std::uint8_t> bytes{};

    std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    bool chooses(unsigned bit) const { return (choice >> bit & 1U) != 0; }

    /// As the captures have been rewritten to.
    static constexpr std::uint16_t family_id = 0x22;
    drbd::Family family() const {
        const auto version = static_cast<std::uint8_t>(chooses(0) ? 2 : 1);
        return {.id = family_id, .version = version, .events_group = 2, .strict = chooses(1)};
    }
    /// The messages one by one, each in memory of exactly its size, or, by bit 2, all in one.
    std::vector<drbd::Datagram> datagrams() const;
};

// Each target defines these.

/// What it starts from, and how that is changed.
struct Seeds {
    std::string files{};  ///< first letters of files with captured exchanges with DRBD: "sd"
    std::vector<std::string>
        exchanges{};         ///< "GET_INITIAL_STATE"; "" for events; all if there is none
    std::string corpus{};    ///< tests/data/fuzz/<corpus>.txt, beside the captures or alone
    bool is_netlink = true;  ///< messages with attributes, else text
    /// Sizes of the headers of its messages, by type, where they are not those of generic netlink.
    std::map<std::uint16_t, std::size_t> headers{};
    unsigned long quick = 20000;  ///< inputs of a short run
};
extern const Seeds seeds;

/// Errors are san::Error; all else, and what a sanitizer reports, is a finding.
void decode(const Input& input);

/// Stops with a finding.
void require(bool holds, const char* what);

}  // namespace san::fuzz
