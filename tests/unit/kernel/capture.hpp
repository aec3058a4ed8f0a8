// SPDX-License-Identifier: GPL-2.0-or-later
// Captured conversations with real DRBD modules, tests/data/drbd-netlink: "= NAME N" begins an
// exchange, ">" is a request, "<" a datagram received in return and "!" one that came by itself, in
// hexadecimal; "#" tells what it means.
#pragma once

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kernel/drbd_family.hpp"
#include "support/source_directory.hpp"

namespace san::test {

struct Exchange {
    std::string name{};  ///< "GET_DEVICES"; empty for events
    std::vector<drbd::Datagram> requests{}, received{};

    /// The type of the request's message, or else of the first that is not netlink's own.
    std::uint16_t family_id() const {
        const auto type = [](const drbd::Datagram& bytes) {
            return static_cast<std::uint16_t>(bytes.at(4) | bytes.at(5) << 8);
        };
        if (!requests.empty()) return type(requests[0]);
        for (const auto& datagram : received)
            if (type(datagram) > NLMSG_MIN_TYPE) return type(datagram);
        return 0;
    }
};

struct Capture {
    explicit Capture(const std::filesystem::path& file) : name{file.stem()} {
        std::ifstream in{file};
        for (std::string line; std::getline(in, line);) {
            const auto rest = line.size() > 2 ? line.substr(2) : std::string{};
            if (line.starts_with("= "))
                exchanges.push_back({.name = rest.substr(0, rest.find(' '))});
            if (line.starts_with("# ")) remarks.push_back(rest);
            if (line.starts_with("! ") && exchanges.empty()) exchanges.emplace_back();
            if (line.starts_with("> ")) exchanges.back().requests.push_back(bytes(rest));
            if (line.starts_with("< ") || line.starts_with("! "))
                exchanges.back().received.push_back(bytes(rest));
        }
    }

    bool has(const std::string& exchange) const { return find(exchange) != nullptr; }
    const Exchange& exchange(const std::string& wanted) const { return *find(wanted); }

    /// The family's number is that of the messages; its version that of the folder's module.
    drbd::Family family(drbd::Dialect dialect) const {
        const auto& last = exchanges.back();
        return {.id = last.family_id(),
                .version = static_cast<std::uint8_t>(dialect == drbd::Dialect::v9 ? 2 : 1)};
    }

    /// The rest of each remark that begins so.
    std::vector<std::string> remarks_after(const std::string& beginning) const {
        std::vector<std::string> found;
        for (const auto& remark : remarks)
            if (remark.starts_with(beginning)) found.push_back(remark.substr(beginning.size()));
        return found;
    }

    std::string name;  ///< "s05-sec-sec"
    std::vector<Exchange> exchanges{};
    std::vector<std::string> remarks{};

private:
    const Exchange* find(const std::string& wanted) const {
        for (const auto& one : exchanges)
            if (one.name == wanted) return &one;
        return nullptr;
    }
    static drbd::Datagram bytes(const std::string& hex) {
        drbd::Datagram datagram;
        for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
            datagram.push_back(
                static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
        return datagram;
    }
};

/// The captures of a module whose names begin so, in order.
inline std::vector<Capture> captures(drbd::Dialect dialect, const std::string& beginning) {
    std::vector<std::filesystem::path> files;
    const std::filesystem::path folder{test::source_directory() + "/tests/data/drbd-netlink"};
    for (const auto& file : std::filesystem::directory_iterator{
             folder / (dialect == drbd::Dialect::v9 ? "9.3.3" : "8.4.11")})
        if (file.path().filename().string().starts_with(beginning)) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return {files.begin(), files.end()};
}

/// The one capture of that name.
inline Capture capture(drbd::Dialect dialect, const std::string& name) {
    return captures(dialect, name + ".").at(0);
}

}  // namespace san::test
