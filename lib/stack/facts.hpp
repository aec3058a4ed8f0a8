// SPDX-License-Identifier: GPL-2.0-or-later
// All that rules are about. What is not there was not looked at; what could not be read although it
// was asked for is a gap.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stack/configuration.hpp"
#include "stack/corosync_configuration.hpp"
#include "stack/drbd_configuration.hpp"
#include "stack/finding.hpp"
#include "stack/lvm_settings.hpp"

namespace san::stack {

/// A file with a secret in it.
struct Secret_file {
    std::string path{};
    unsigned mode = 0;  ///< permission bits

    bool is_open_to_others() const { return (mode & 07) != 0; }
};

/// A volume group that LVM sees.
struct Seen_group {
    std::string name{};
    bool is_activated_at_boot = true;  ///< its own property, vg_autoactivation
};

struct Network {
    std::string address{};
    int prefix = 0;
};

/// All paths by which a node knows a device.
struct Device_names {
    std::string device{};  ///< as it is written somewhere
    Words others{};
};

/// What only a node itself can say.
struct Node_facts {
    std::string name{};
    std::vector<std::string> units_at_boot{};
    std::optional<Lvm_settings> lvm{};
    std::vector<Seen_group> groups{};
    std::vector<Device_names> devices{};  ///< of the disks below DRBD
    std::vector<Secret_file> secrets{};
    std::vector<Network> networks{};
    std::vector<std::string> targets{};      ///< iSCSI names in LIO's tree
    std::vector<std::string> tgt_targets{};  ///< those that tgt's files bring up when it starts
    std::string corosync{};                  ///< corosync.conf
    std::string drbd{};                      ///< drbdadm dump-xml, without secrets
    std::vector<std::string> complaints{};   ///< of drbdadm about its configuration
    std::vector<std::string> gaps{};         ///< what could not be read there, and why
};

/// Timeouts that agents advise: agent, then action (or "monitor:Promoted"), as written there.
using Advice = std::map<std::string, Values>;

struct Facts {
    std::optional<Configuration> cluster{};
    std::optional<Drbd_configuration> drbd{};
    std::optional<Corosync_configuration> corosync{};
    std::vector<Node_facts> nodes{};
    Advice advice{};
    std::optional<std::chrono::seconds> failover{};  ///< the longest that was measured
    Findings gaps{};
};

}  // namespace san::stack
