// SPDX-License-Identifier: GPL-2.0-or-later
#include "block.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace initiator {
namespace {

constexpr std::uint64_t magic = 0x4b4c424e41532131;  // "1!SANBLK" as it lies on the disk
constexpr std::size_t sector_bytes = 512;
constexpr std::size_t sectors = block_bytes / sector_bytes;
constexpr std::size_t checksum_at = block_bytes - 8;

// Little-endian by hand, so that a log and a disk can be looked at on any machine.
void put(Block& block, std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) block[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t take(const Block& block, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value |= static_cast<std::uint64_t>(block[at + i]) << (8 * i);
    return value;
}

// SplitMix64: neighbouring inputs give unrelated words, so no two blocks share filling.
std::uint64_t mixed(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

// FNV-1a, 64 bits.
std::uint64_t checksum_of(std::span<const std::uint8_t> bytes) {
    std::uint64_t sum = 0xcbf29ce484222325;
    for (const auto byte : bytes) sum = (sum ^ byte) * 0x100000001b3;
    return sum;
}

std::optional<Label> find_sector_label(const Block& block, std::size_t sector) {
    const auto at = sector * sector_bytes;
    if (take(block, at) != magic) return std::nullopt;
    return Label{take(block, at + 8), take(block, at + 16), take(block, at + 24)};
}

std::string sector_text(const Block& block, std::size_t sector, std::uint64_t run) {
    const auto label = find_sector_label(block, sector);
    if (label && label->run == run)
        return "sequence " + std::to_string(label->sequence) + " for slot " +
               std::to_string(label->slot);
    if (label) return "another run";
    const auto first = block.begin() + static_cast<std::ptrdiff_t>(sector * sector_bytes);
    const auto zero = [](std::uint8_t byte) { return byte == 0; };
    return std::all_of(first, first + sector_bytes, zero) ? "zeros" : "unknown data";
}

// "sectors 0-3: sequence 9 for slot 1, sectors 4-7: zeros"
std::string describe(const Block& block, std::uint64_t run) {
    std::string text;
    for (std::size_t first = 0; first < sectors;) {
        const auto here = sector_text(block, first, run);
        auto last = first;
        while (last + 1 < sectors && sector_text(block, last + 1, run) == here) ++last;
        if (!text.empty()) text += ", ";
        text += "sectors " + std::to_string(first) + "-" + std::to_string(last) + ": " + here;
        first = last + 1;
    }
    return text;
}

}  // namespace

Block encode(const Label& label) {
    Block block{};
    const auto seed = mixed(label.run) ^ mixed(label.sequence + 1) ^ mixed(~label.slot);
    for (std::size_t at = 0; at < block_bytes; at += 8) put(block, at, mixed(seed + at));
    for (std::size_t sector = 0; sector < sectors; ++sector) {
        const auto at = sector * sector_bytes;
        put(block, at, magic);
        put(block, at + 8, label.run);
        put(block, at + 16, label.sequence);
        put(block, at + 24, label.slot);
    }
    put(block, checksum_at, checksum_of(std::span{block}.first<checksum_at>()));
    return block;
}

std::uint64_t stored_checksum(const Block& block) { return take(block, checksum_at); }

Finding examine(const Block& block, std::uint64_t run) {
    bool any_of_run = false;
    for (std::size_t sector = 0; sector < sectors; ++sector) {
        const auto label = find_sector_label(block, sector);
        any_of_run = any_of_run || (label && label->run == run);
    }
    auto text = describe(block, run);
    if (!any_of_run) return {Content::foreign, {}, std::move(text)};

    const auto label = find_sector_label(block, 0);
    if (label && label->run == run && encode(*label) == block)
        return {Content::intact, *label, std::move(text)};
    return {Content::torn, {}, std::move(text) + ", contents do not match"};
}

}  // namespace initiator
