// SPDX-License-Identifier: GPL-2.0-or-later
// The numbers of DRBD's generic netlink family, version 1 and 2. Both agree as far as they are
// used here; what only one has says so.
//
// Source: linux/drbd_genl.h of 8.4.11 and 9.3.3
#pragma once

#include <cstdint>

namespace san::drbd {

/// Before the attributes of every message; struct drbd_genlmsghdr.
struct User_header {
    std::uint32_t minor = 0xffffffff;  ///< so when it is about no minor
    std::int32_t ret_code = 0;         ///< of a request: flags
};

/// An object of a dump, or an answer, that is no failure; NO_ERROR.
inline constexpr int no_error = 101;

enum Command : std::uint8_t {
    legacy_event = 1,  // 8.4
    get_status = 2,    // 8.4
    resource_opts = 9,
    disconnect = 11,
    primary = 14,
    secondary = 15,
    outdate = 25,
    down = 27,
    get_resources = 30,
    get_devices = 31,
    get_connections = 32,
    get_peer_devices = 33,
    resource_state = 34,
    device_state = 35,
    connection_state = 36,
    peer_device_state = 37,
    get_initial_state = 38,
    helper_call = 40,
    initial_state_done = 41,
    path_state = 48,  // 9
    get_paths = 50,   // 9
};

/// Top-level attributes.
enum Top : int {
    cfg_reply = 1,
    cfg_context = 2,
    disk_conf = 3,
    res_opts = 4,
    net_conf = 5,
    set_role_parms = 6,
    state_info = 8,  // 8.4
    disconnect_parms = 12,
    resource_info = 15,
    device_info = 16,
    connection_info = 17,
    peer_device_info = 18,
    device_statistics = 20,
    peer_device_statistics = 22,
    notification_header = 23,
    helper = 24,
    path_info = 30,             // 9
    rename_resource_info = 32,  // 9
};

/// Inside cfg_context.
namespace context {
inline constexpr int volume = 1, resource_name = 2, my_addr = 3, peer_addr = 4, conn_name = 5,
                     peer_node_id = 6;
}

/// What a notification says of its object; nh_type.
enum class Happening : std::uint32_t {
    exists = 0,
    create = 1,
    change = 2,
    destroy = 3,
    call = 4,
    response = 5,
    rename = 6,  // 9
};
inline constexpr std::uint32_t continues = 0x8000;

}  // namespace san::drbd
