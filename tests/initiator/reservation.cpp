// SPDX-License-Identifier: GPL-2.0-or-later
#include "reservation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <vector>

#include "connection.hpp"

namespace initiator {
namespace {

constexpr std::array verbs{"register", "reserve", "release",  "clear",
                           "keys",     "holder",  "write-one"};
constexpr auto type = SCSI_PERSISTENT_RESERVE_TYPE_WRITE_EXCLUSIVE;

scsi_persistent_out_sa service_action(const std::string& verb) {
    if (verb == "register") return SCSI_PERSISTENT_RESERVE_REGISTER;
    if (verb == "reserve") return SCSI_PERSISTENT_RESERVE_RESERVE;
    if (verb == "release") return SCSI_PERSISTENT_RESERVE_RELEASE;
    return SCSI_PERSISTENT_RESERVE_CLEAR;
}

int change(Session& session, const Options& options) {
    scsi_persistent_reserve_out_basic parameters{};
    parameters.reservation_key = options.key;
    parameters.service_action_reservation_key = options.new_key;
    parameters.aptpl = options.aptpl ? 1 : 0;
    return session.ask("PERSISTENT RESERVE OUT",
                       [&](iscsi_context* context, iscsi_command_cb done, void* data) {
                           return iscsi_persistent_reserve_out_task(
                               context, session.lun(), service_action(options.verb),
                               SCSI_PERSISTENT_RESERVE_SCOPE_LU, type, &parameters, done, data);
                       });
}

/// The keys in what READ KEYS and READ RESERVATION send: eight bytes of header, then eight for
/// each key; the latter's one key has scope and type behind it (SPC-4, 6.15).
std::vector<std::string> keys_in(const std::string& data, bool one) {
    std::vector<std::string> keys;
    constexpr std::size_t header = 8, size = 8;
    if (data.size() < header) return keys;
    std::size_t length = 0;
    for (std::size_t at = 4; at < header; ++at)
        length = length << 8U | static_cast<unsigned char>(data[at]);
    const auto end = std::min(data.size(), header + length);
    for (std::size_t at = header; at + size <= end; at += size) {
        std::string key;
        for (std::size_t byte = 0; byte < size; ++byte) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x",
                          static_cast<unsigned>(static_cast<unsigned char>(data[at + byte])));
            key += digits;
        }
        keys.push_back(key.substr(std::min(key.find_first_not_of('0'), key.size() - 1)));
        if (one) break;
    }
    return keys;
}

int read_keys(Session& session, const std::string& verb, std::vector<std::string>& keys) {
    const bool holder = verb == "holder";
    std::string data;
    const auto status = session.ask(
        "PERSISTENT RESERVE IN",
        [&](iscsi_context* context, iscsi_command_cb done, void* exchange) {
            return iscsi_persistent_reserve_in_task(context, session.lun(),
                                                    holder
                                                        ? SCSI_PERSISTENT_RESERVE_READ_RESERVATION
                                                        : SCSI_PERSISTENT_RESERVE_READ_KEYS,
                                                    4096, done, exchange);
        },
        &data);
    keys = keys_in(data, holder);
    return status;
}

/// The last block, with what is there already: the unit may be another program's.
int write_one(Session& session) {
    const auto slot = session.capacity_bytes() / block_bytes - 1;
    auto block = session.read(slot);
    const auto size = session.sector_bytes();
    return session.ask("WRITE", [&](iscsi_context* context, iscsi_command_cb done, void* exchange) {
        return iscsi_write16_task(context, session.lun(), slot * (block_bytes / size), block.data(),
                                  block_bytes, static_cast<int>(size), 0, 0, 0, 0, 0, done,
                                  exchange);
    });
}

const char* words(int status) {
    if (status == SCSI_STATUS_GOOD) return "good";
    return status == SCSI_STATUS_RESERVATION_CONFLICT ? "reservation conflict" : "other";
}

}  // namespace

bool is_reservation_verb(std::string_view word) {
    return std::find(verbs.begin(), verbs.end(), word) != verbs.end();
}

int act_on_reservation(const Options& options, Stop& stop, std::ostream& out) {
    const auto patience = options.seconds.value_or(std::chrono::milliseconds{0});
    Connection connection{options.peer, stop, patience, [](const std::string&) {}};
    int status = 0;
    std::vector<std::string> keys;
    connection.insist([&](Session& session) {
        if (options.verb == "write-one")
            status = write_one(session);
        else if (options.verb == "keys" || options.verb == "holder")
            status = read_keys(session, options.verb, keys);
        else
            status = change(session, options);
    });
    out << "{\"answer\": \"" << words(status) << "\", \"status\": " << status << ", \"keys\": [";
    for (const auto* separator = ""; const auto& key : keys) {
        out << separator << '"' << key << '"';
        separator = ", ";
    }
    out << "]}\n";
    return status == SCSI_STATUS_GOOD ? 0 : 1;
}

}  // namespace initiator
