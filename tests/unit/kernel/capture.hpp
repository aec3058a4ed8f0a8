// SPDX-License-Identifier: GPL-2.0-or-later
// Captured conversations with real DRBD modules, tests/data/drbd-netlink: "= NAME N" begins an
// exchange, ">" is a request and "<" a datagram received, in hexadecimal; "#" tells what it means.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kernel/drbd_messages.hpp"

namespace san::test {

struct Capture {
    explicit Capture(const std::filesystem::path& file) : name{file.filename()} {
        std::ifstream in{file};
        for (std::string line; std::getline(in, line);) {
            const auto rest = line.size() > 2 ? line.substr(2) : std::string{};
            if (line.starts_with("= ")) section = rest.substr(0, rest.find(' '));
            if (line.starts_with("> ") && section != "GETFAMILY") requests.push_back(bytes(rest));
            if (line.starts_with("< "))
                (section == "GETFAMILY" ? family_reply : received).push_back(bytes(rest));
            if (line.starts_with("# ")) remarks.push_back(rest);
        }
    }

    /// The family's number is that of the requests; its version that of the folder's module.
    drbd::Family family(drbd::Dialect dialect) const {
        const auto& first = requests.at(0);
        return {.id = static_cast<std::uint16_t>(first[4] | first[5] << 8),
                .version = static_cast<std::uint8_t>(dialect == drbd::Dialect::v9 ? 2 : 1)};
    }

    /// The rest of each remark that begins so.
    std::vector<std::string> remarks_after(const std::string& beginning) const {
        std::vector<std::string> found;
        for (const auto& remark : remarks)
            if (remark.starts_with(beginning)) found.push_back(remark.substr(beginning.size()));
        return found;
    }

    std::string name, section;
    std::vector<drbd::Datagram> requests, family_reply, received;
    std::vector<std::string> remarks;

private:
    static drbd::Datagram bytes(const std::string& hex) {
        drbd::Datagram datagram;
        for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
            datagram.push_back(
                static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
        return datagram;
    }
};

/// The captures of a module whose names begin so.
inline std::vector<Capture> captures(drbd::Dialect dialect, const std::string& beginning) {
    std::vector<Capture> found;
    const std::filesystem::path folder{SAN_SOURCE_DIR "/tests/data/drbd-netlink"};
    for (const auto& file : std::filesystem::directory_iterator{
             folder / (dialect == drbd::Dialect::v84 ? "8.4.11" : "9.3.3")})
        if (file.path().filename().string().starts_with(beginning)) found.emplace_back(file.path());
    return found;
}

}  // namespace san::test
