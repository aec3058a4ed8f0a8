// SPDX-License-Identifier: GPL-2.0-or-later
// What tgtd tells of itself, as values. Its lists are text for people, told apart by indentation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace san::tgt {

struct Unit {
    std::uint64_t number = 0;
    std::string type{};     ///< "disk"; 0 is always a "controller"
    std::string scsi_id{};  ///< as an initiator reads it in VPD page 0x83
    std::string serial{};
    unsigned block_size = 0;
    bool online = false;
    bool read_only = false;
    std::string driver{};  ///< "rdwr", "aio"
    std::string path{};
    std::string flags{};  ///< "sync", "direct"

    friend bool operator==(const Unit&, const Unit&) = default;
};

struct Connection {
    std::uint64_t session = 0;
    std::uint32_t number = 0;
    std::string initiator{};
    std::string address{};

    friend bool operator==(const Connection&, const Connection&) = default;
};

struct Target {
    std::int32_t number = 0;
    std::string name{};
    std::string state{};  ///< "ready", "offline"
    std::vector<Connection> connections{};
    std::vector<Unit> units{};
    std::vector<std::string> users{};       ///< with which initiators show who they are
    std::optional<std::string> own_user{};  ///< with which the target does
    std::vector<std::string> list{};        ///< who is admitted: addresses, networks, ALL, names

    friend bool operator==(const Target&, const Target&) = default;
};

struct Parameter {
    std::string name;
    std::string value;

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// Of a question for all targets. Errors: failed, for what cannot be its answer
std::vector<Target> parse_targets(std::string_view text);
/// Of a question for one target: its login parameters.
std::vector<Parameter> parse_parameters(std::string_view text);
/// Of a question for the portals: "[::]:3260", "0.0.0.0:3260".
std::vector<std::string> parse_portals(std::string_view text);
/// Of a question for the accounts: the users.
std::vector<std::string> parse_accounts(std::string_view text);
/// Of a question for the system: with which users initiators show who they are in discovery.
std::vector<std::string> parse_discovery_users(std::string_view text);

/// Whether a list, of entries or of users, has this one.
bool has(const std::vector<std::string>& list, const std::string& one);

}  // namespace san::tgt
