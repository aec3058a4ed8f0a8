// SPDX-License-Identifier: GPL-2.0-or-later
// Captured streams of events, each between two captured states.
#pragma once

#include <cstring>
#include <regex>

#include "kernel/drbd_events.hpp"
#include "support/catch.hpp"
#include "unit/kernel/drbd_told.hpp"

namespace san::test {

/// Of the netlink header.
inline constexpr std::size_t type_at = 4, number_at = 8;

inline std::uint32_t number_of(const drbd::Datagram& datagram) {
    std::uint32_t number = 0;
    std::memcpy(&number, datagram.data() + number_at, sizeof number);
    return number;
}

/// As if the module had been loaded when `stream`'s was, and this had come later than all before.
inline std::vector<drbd::Datagram> as_of(const drbd::Family& family, const Exchange& exchange,
                                         std::uint32_t later = 0) {
    auto datagrams = exchange.received;
    const auto theirs = exchange.family_id();
    for (auto& datagram : datagrams) {
        std::uint16_t type = 0;
        std::memcpy(&type, datagram.data() + type_at, sizeof type);
        if (type == theirs) std::memcpy(datagram.data() + type_at, &family.id, sizeof type);
        const auto number = number_of(datagram) + later;
        std::memcpy(datagram.data() + number_at, &number, sizeof number);
    }
    return datagrams;
}

/// A stream that has read the snapshot of a captured state.
inline drbd::Event_stream stream_of(drbd::Dialect dialect, const std::string& state) {
    const auto captured = capture(dialect, state);
    drbd::Event_stream stream{captured.family(dialect)};
    for (const auto& datagram : captured.exchange("GET_INITIAL_STATE").received) {
        CHECK_FALSE(stream.ready());
        stream.take(datagram);
    }
    REQUIRE(stream.ready());
    CHECK(told(stream.resources(), dialect) == told(captured));
    return stream;
}

/// One captured stream between two captured states.
struct Row {
    const char* events;
    const char* before;
    const char* after;
    const char* first = nullptr;       ///< events that are applied before
    const char* role_after = nullptr;  ///< another one than in `after`, which was captured later
};

inline const std::vector<Row> rows_of_both{
    {"e01-up-alone", "s02-unconfigured", "s03-connecting-inconsistent"},
    {"e02-connect", "s03-connecting-inconsistent", "s04-inconsistent-both"},
    {"e04-promote", "s05-sec-sec", "s06-pri-sec"},
    {"e05-demote", "s06-pri-sec", "s05-sec-sec"},
    {"e06-peer-lost", "s06-pri-sec", "s07-peer-lost"},
    {"e06-peer-lost-peer", "s06-pri-sec-peer", "s07-peer-lost-peer"},
    {"e07-reconnect-resync", "s07-peer-lost", "s06-pri-sec"},
    {"e07-reconnect-resync-peer", "s07-peer-lost-peer", "s06-pri-sec-peer"},
    {"e08-resync-start", "s06-pri-sec", "s08-sync-source"},
    {"e09-detach", "s06-pri-sec-peer", "s10-diskless"},
    {"e10-attach", "s10-diskless", "s06-pri-sec-peer"},
    {"e11-fence-resource-only", "s06-pri-sec", "s14-peer-outdated"},
    {"e12-outdated-reconnect", "s15-outdated", "s06-pri-sec-peer"},
    {"e13-fence-suspend", "s06-pri-sec", "s14-peer-outdated"},
    {"e14-fence-fails", "s06-pri-sec", "s19-suspended-fencing-failed"},
    {"e15-no-data", "s22-suspended-no-data", "s22-suspended-no-data", "e18-data-back"},
    {"e16-split-brain", "s07-peer-lost", "s23-split-brain"},
};

inline const std::vector<Row> rows_of_84{
    {"e16-split-brain-peer", "s07-peer-lost-peer", "s23-split-brain-peer"},
    {"e19-down", "s23-split-brain", "s02-unconfigured"},
    {"e21-disconnect", "s24-two-resources", "s25-one-standalone"},
    {"e22-module-unload", "s25-one-standalone", "s02-unconfigured"},
};

inline const std::vector<Row> rows_of_9{
    {"e19-down", "s32-three-nodes", "s02-unconfigured"},
    {"e22-module-unload", "s24-two-resources", "s02-unconfigured"},
    {"e23-open", "s29-primary-outdated-connected", "s28-open"},
    {"e24-outdated-reconnect", "s29-primary-outdated-connected", "s06-pri-sec"},
    {"e25-force-secondary", "s06-pri-sec", "s30-forced-secondary"},
    {"e26-force-secondary-end", "s30-forced-secondary", "s05-sec-sec"},
    {"e27-split-brain-solved", "s23-split-brain", "s06-pri-sec"},
    // The other node was promoted before the state was captured, and this one here.
    {"e28-third-node-diskless", "s02-unconfigured", "s32-three-nodes-diskless", nullptr,
     "Secondary"},
    {"e28-third-node", "s06-pri-sec", "s32-three-nodes"},
    {"e29-quorum-lost", "s32-three-nodes", "s35-no-quorum-suspended"},
    {"e30-quorum-back", "s35-no-quorum-suspended", "s32-three-nodes", nullptr, "Secondary"},
    {"e31-quorum-lost-io-error", "s32-three-nodes", "s37-no-quorum-io-error"},
    {"e32-force-secondary-suspended", "s35-no-quorum-suspended", "s39-forced-secondary-no-quorum"},
    {"e33-rename", "s05-sec-sec", "s05-sec-sec"},
    {"e34-path-lost", "s24-two-resources", "s40-one-path"},
};

inline std::vector<Row> rows_of(drbd::Dialect dialect) {
    auto rows = rows_of_both;
    const auto& more = dialect == drbd::Dialect::v84 ? rows_of_84 : rows_of_9;
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

inline drbd::Event_stream after(const Row& row, drbd::Dialect dialect) {
    auto stream = stream_of(dialect, row.before);
    const auto family = capture(dialect, row.before).family(dialect);
    constexpr std::uint32_t later = 10000;
    if (row.first != nullptr)
        for (const auto& datagram : as_of(family, capture(dialect, row.first).exchanges.at(0)))
            stream.take(datagram);
    for (const auto& datagram : as_of(family, capture(dialect, row.events).exchanges.at(0), later))
        stream.take(datagram);
    return stream;
}

inline Lines told_after(const Row& row, drbd::Dialect dialect) {
    auto lines = told(capture(dialect, row.after));
    const std::regex other{" role:Primary"};
    if (row.role_after != nullptr)
        for (auto& line : lines)
            line = std::regex_replace(line, other, std::string{" role:"} + row.role_after);
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace san::test
