// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/inputs.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "unit/kernel/capture.hpp"

namespace san::fuzz {

namespace {

constexpr std::size_t longest_seed = 2048;  // bytes, but for a single message that is longer

/// The family's number of every capture is another one.
drbd::Datagram renumbered(drbd::Datagram bytes, std::uint16_t family) {
    for (std::size_t at = 0; at + 16 <= bytes.size();) {
        std::uint32_t length = 0;
        std::uint16_t type = 0;
        std::memcpy(&length, bytes.data() + at, sizeof length);
        std::memcpy(&type, bytes.data() + at + 4, sizeof type);
        if (type == family) std::memcpy(bytes.data() + at + 4, &Input::family_id, sizeof type);
        if (length < 16) break;
        at += (length + 3) / 4 * 4;
    }
    return bytes;
}

bool is_wanted(const std::string& exchange) {
    const auto& wanted = seeds.exchanges;
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& name) {
               return name.empty() ? exchange.empty() : exchange.starts_with(name);
           });
}

void add_captured(std::vector<Input>& inputs) {
    for (const auto dialect : {drbd::Dialect::v84, drbd::Dialect::v9})
        for (const char letter : seeds.files)
            for (const auto& capture : test::captures(dialect, std::string(1, letter)))
                for (const auto& exchange : capture.exchanges) {
                    if (!is_wanted(exchange.name)) continue;
                    const auto choice = static_cast<std::uint8_t>(dialect == drbd::Dialect::v9);
                    inputs.push_back({.choice = choice});
                    for (const auto& datagram : exchange.received) {
                        // Of long streams, parts: what they have in common is tried often enough.
                        const auto so_far = inputs.back().bytes.size();
                        if (so_far > 0 && so_far + datagram.size() > longest_seed)
                            inputs.push_back({.choice = choice});
                        const auto bytes = renumbered(datagram, exchange.family_id());
                        auto& all = inputs.back().bytes;
                        all.insert(all.end(), bytes.begin(), bytes.end());
                    }
                }
}

std::uint8_t digit_of(char letter) {
    return static_cast<std::uint8_t>(letter >= 'a' ? letter - 'a' + 10 : letter - '0');
}

Input input_of(const std::string& line) {
    Input input{.choice = digit_of(line.at(0))};
    for (std::size_t at = 2; at < line.size(); ++at) {
        if (line[at] != '\\') {
            input.bytes.push_back(static_cast<std::uint8_t>(line[at]));
        } else if (line.at(++at) == 'x') {
            const auto high = digit_of(line.at(at + 1)), low = digit_of(line.at(at + 2));
            input.bytes.push_back(static_cast<std::uint8_t>(high << 4U | low));
            at += 2;
        } else {
            input.bytes.push_back(line[at] == 'n' ? '\n' : '\\');
        }
    }
    return input;
}

}  // namespace

std::string line_of(const Input& input) {
    std::array<char, 8> part{};
    std::snprintf(part.data(), part.size(), "%x ", input.choice & 0xfU);
    std::string line{part.data()};
    for (const auto byte : input.bytes) {
        if (byte == '\n')
            line += "\\n";
        else if (byte == '\\')
            line += "\\\\";
        else if (byte >= ' ' && byte <= '~')
            line += static_cast<char>(byte);
        else {
            std::snprintf(part.data(), part.size(), "\\x%02x", byte);
            line += part.data();
        }
    }
    return line;
}

std::vector<Input> first_inputs() {
    std::vector<Input> inputs;
    add_captured(inputs);
    if (!seeds.corpus.empty()) {
        std::ifstream in{test::source_directory() + "/tests/data/fuzz/" + seeds.corpus + ".txt"};
        for (std::string line; std::getline(in, line);) inputs.push_back(input_of(line));
    }
    return inputs;
}

}  // namespace san::fuzz
