// SPDX-License-Identifier: GPL-2.0-or-later
// What a fuzz target and its driver know of each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/drbd_family.hpp"

namespace san::fuzz {

/// What a decoder is given: a dialect, and messages that follow each other.
struct Input {
    std::uint8_t choice = 0;  ///< bits: see below
    drbd::Datagram bytes{};

    /// As the captures have been rewritten to.
    static constexpr std::uint16_t family_id = 0x22;
    drbd::Family family() const {
        const auto version = static_cast<std::uint8_t>((choice & 1) != 0 ? 2 : 1);
        return {
            .id = family_id, .version = version, .events_group = 2, .strict = (choice & 2) != 0};
    }
    /// The messages one by one, each in memory of exactly its size, or all in one.
    std::vector<drbd::Datagram> datagrams() const;
};

// Each target defines these.

/// Which captured exchanges it starts from: those whose name begins so, of these files.
struct Seeds {
    std::string files;  ///< first letters of files: "sd"
    std::vector<std::string>
        exchanges{};  ///< "GET_INITIAL_STATE"; "" for events; all if there is none
};
extern const Seeds seeds;

/// Errors are san::Error; all else, and what a sanitizer reports, is a finding.
void decode(const Input& input);

/// Stops with a finding.
void require(bool holds, const char* what);

}  // namespace san::fuzz
