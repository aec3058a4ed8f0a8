// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_module.hpp"

#include <array>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

Module_version Module_version::parse(std::string_view text) {
    std::array<int, 3> numbers{};
    auto rest = text;
    for (std::size_t at = 0; at < numbers.size(); ++at) {
        const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
        const auto number = text::number<int>(rest.substr(0, digits));
        rest.remove_prefix(digits);
        const bool is_last = at + 1 == numbers.size();
        if (!number || (!is_last && !rest.starts_with('.')))
            throw Error{Kind::misconfigured, "expected a version of DRBD's module such as 9.2.1"};
        numbers[at] = *number;
        if (!is_last) rest.remove_prefix(1);
    }
    return {numbers[0], numbers[1], numbers[2]};
}

std::string Module_version::to_text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

namespace replica {

Module_version find_module(const Files& files, Commands& commands, const Deadline& deadline) {
    std::string text;
    if (const auto loaded = files.find("/sys/module/drbd/version")) {
        text = *loaded;
    } else {
        const auto outcome = commands.run({"modinfo", "-F", "version", "drbd"}, deadline);
        if (!outcome.ok())
            throw Error{Kind::not_installed, "kernel module drbd: " + outcome.complaint()};
        text = outcome.out;
    }
    const auto version = text::trimmed(text);
    try {
        return Module_version::parse(version);
    } catch (const Error&) {
        throw Error{Kind::not_installed,
                    "kernel module drbd has the version " + text::quoted(version)};
    }
}

}  // namespace replica
}  // namespace san
