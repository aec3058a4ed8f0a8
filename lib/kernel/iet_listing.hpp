// SPDX-License-Identifier: GPL-2.0-or-later
// What IET tells: /proc/net/iet, and what ietadm shows.
//
// Source  kernel/target.c, volume.c, session.c and conn.c, 1.4.20.2; 0.4.14 and 1.4.19 have the
// same
//         lines without blocks and blocksize
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace san::iet {

struct Parameter {
    std::string name{};
    std::string value{};
    friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Unit {
    std::uint32_t number = 0;
    bool is_leaving = false;  ///< removed, but for commands that have not come back
    std::string type{};       ///< fileio, blockio, nullio
    std::string mode{};       ///< ro, wb, wt
    unsigned block_size = 0;  ///< in bytes; 0: not told
    std::string path{};       ///< empty: none
    friend bool operator==(const Unit&, const Unit&) = default;
};

struct Target {
    std::uint32_t number = 0;
    std::string name{};
    std::vector<Unit> units{};
    friend bool operator==(const Target&, const Target&) = default;
};

struct Connection {
    std::uint64_t session = 0;
    std::uint32_t number = 0;
    std::string initiator{};
    std::string address{};  ///< the initiator's; of IPv6 in brackets
    friend bool operator==(const Connection&, const Connection&) = default;
};

/// Errors  failed with the line that the module does not write
std::vector<Target> parse_volumes(std::string_view text);

/// The connections of one target, as far as the text tells. The names of initiators in it come from
/// the network, and the module writes them as they are: one with a newline reads like lines of the
/// module. So nothing follows from what is missing here, and what is here may not be there; a line
/// that makes no sense is no failure.
std::vector<Connection> parse_connections(std::string_view text, std::uint32_t target);
/// Every session of the text with every connection's number in it: those that a name hides are
/// among them.
std::vector<Connection> possible_connections(std::string_view text);

/// "name=value" on each line. Errors: failed with the line
std::vector<Parameter> parse_parameters(std::string_view text);

}  // namespace san::iet
