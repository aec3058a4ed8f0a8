// SPDX-License-Identifier: GPL-2.0-or-later
// Persistent reservations: the kernel's file, and the line that the cluster keeps.
#include "storage/reservations.hpp"

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "reservations", .is_netlink = false};

void decode(const Input& input) {
    const auto found = input.chooses(0) ? std::optional{Registrations::parse_line(input.text())}
                                        : Registrations::find_in_file(input.text());
    if (!found) return;
    const auto line = found->to_line();
    require(line.find('\n') == std::string::npos, "a line of two");
    require(Registrations::parse_line(line) == *found, "a line that says something else");
    for (const auto& one : *found) require(!one.description().empty(), "nothing to say");
}

}  // namespace san::fuzz
