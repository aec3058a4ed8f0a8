// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_words.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <netinet/in.h>

namespace san::drbd {

Role role_of(std::uint32_t number) {
    return number == 1 ? Role::primary : number == 2 ? Role::secondary : Role::unknown;
}

Disk disk_of(Dialect dialect, std::uint32_t number) {
    using enum Disk;
    constexpr std::array v84{diskless, attaching, failed,     negotiating, inconsistent,
                             outdated, unknown,   consistent, up_to_date};
    constexpr std::array v9{diskless,     attaching, detaching, failed,     negotiating,
                            inconsistent, outdated,  unknown,   consistent, up_to_date};
    if (dialect == Dialect::v9) return number < v9.size() ? v9[number] : unknown;
    return number < v84.size() ? v84[number] : unknown;
}

Connection connection_of(std::uint32_t number) {
    using enum Connection;
    constexpr std::array table{stand_alone,     disconnecting,  unconnected, timeout,   broken_pipe,
                               network_failure, protocol_error, tear_down,   connecting};
    // 8.4 goes on with what 9 calls the state of replication: with a peer in all of them.
    constexpr std::uint32_t last = 23;
    if (number < table.size()) return table[number];
    return number <= last ? connected : stand_alone;
}

std::string replication_of(std::uint32_t number) {
    constexpr std::uint32_t established = 10;
    constexpr std::array table{"Established", "StartingSyncS", "StartingSyncT", "WFBitMapS",
                               "WFBitMapT",   "WFSyncUUID",    "SyncSource",    "SyncTarget",
                               "VerifyS",     "VerifyT",       "PausedSyncS",   "PausedSyncT",
                               "Ahead",       "Behind"};
    if (number < established) return "Off";
    if (number - established >= table.size()) return "Unknown(" + std::to_string(number) + ")";
    return table[number - established];
}

const char* word(Role role) {
    switch (role) {
        case Role::primary:
            return "Primary";
        case Role::secondary:
            return "Secondary";
        case Role::unknown:
            break;
    }
    return "Unknown";
}

const char* word(Disk disk) {
    constexpr std::array words{"Diskless",    "Attaching",    "Detaching", "Failed",
                               "Negotiating", "Inconsistent", "Outdated",  "DUnknown",
                               "Consistent",  "UpToDate"};
    return words[static_cast<std::size_t>(disk)];
}

const char* word(Connection connection) {
    constexpr std::array words{"StandAlone", "Disconnecting",  "Unconnected",   "Timeout",
                               "BrokenPipe", "NetworkFailure", "ProtocolError", "TearDown",
                               "Connecting", "Connected"};
    return words[static_cast<std::size_t>(connection)];
}

std::string Address::to_text() const {
    const auto port = [&] { return std::to_string(bytes[2] << 8 | bytes[3]); };
    const auto host = [&](int family, std::size_t at) {
        char text[INET6_ADDRSTRLEN] = "";
        ::inet_ntop(family, bytes.data() + at, text, sizeof text);
        return std::string{text};
    };
    sa_family_t family = AF_UNSPEC;
    if (bytes.size() >= sizeof family) std::memcpy(&family, bytes.data(), sizeof family);
    if (family == AF_INET && bytes.size() >= sizeof(sockaddr_in))
        return "ipv4:" + host(AF_INET, offsetof(sockaddr_in, sin_addr)) + ":" + port();
    if (family == AF_INET6 && bytes.size() >= sizeof(sockaddr_in6))
        return "ipv6:[" + host(AF_INET6, offsetof(sockaddr_in6, sin6_addr)) + "]:" + port();
    return "unknown";
}

std::string meaning_of(int code) {
    // enum drbd_state_rv and enum drbd_ret_code of linux/drbd.h; -21 means two things.
    static const std::map<int, const char*> meanings{
        {-1, "another node is Primary"},
        {-2, "no UpToDate data can be reached"},
        {-7, "the peer could not be outdated or fenced"},
        {-10, "the peer refused"},
        {-11, "there is no disk"},
        {-12, "the device is in use"},
        {-15, "there is no connection"},
        {-18, "another change of state is going on"},
        {-19, "another change of state came first"},
        {-20, "another volume is Primary on the peer"},
        {-21, "interrupted"},
        {-22, "the device is open for reading on the peer"},
        {-23, "the other nodes did not answer in time"},
        {-24, "not all nodes can be reached"},
        {-25, "no quorum"},
        {-6, "it is connected"},
        {-9, "there is no connection any more"},
        {-16, "its data is worse than Outdated"},
        {126, "the module does not take the request's attributes"},
        {127, "unknown device minor"},
        {129, "interrupted"},
        {152, "permission denied"},
        {158, "unknown resource"},
        {162, "invalid request"}};
    const auto found = meanings.find(code);
    return found == meanings.end() ? "DRBD's code " + std::to_string(code) : found->second;
}

}  // namespace san::drbd
