// SPDX-License-Identifier: GPL-2.0-or-later
// One numbered 4 KiB block: what the writer sends and what the verifier expects to find.
//
// Every byte follows from the label, so a block that mixes two writes, or a write with older
// content, cannot pass for an intact one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace initiator {

inline constexpr std::size_t block_bytes = 4096;

using Block = std::array<std::uint8_t, block_bytes>;

/// What tells one block from every other: the run of the writer, the number of the write, and
/// the place on the logical unit (in blocks) it belongs to.
struct Label {
    std::uint64_t run = 0;
    std::uint64_t sequence = 0;
    std::uint64_t slot = 0;

    bool operator==(const Label&) const = default;
};

/// The block that carries a label. Each 512-byte sector repeats the label, because a sector is
/// the largest piece a disk promises to write whole; the last eight bytes are the checksum.
Block encode(const Label& label);

/// The checksum a block carries, taken over everything before it.
std::uint64_t stored_checksum(const Block& block);

enum class Content {
    intact,   // exactly encode(label)
    torn,     // parts of this run's blocks, but not one whole block
    foreign,  // nothing of this run
};

struct Finding {
    Content content = Content::foreign;
    Label label;       // of an intact block only
    std::string text;  // for people: which sectors hold what
};

/// Tells what a block read back is, seen from one run.
Finding examine(const Block& block, std::uint64_t run);

}  // namespace initiator
