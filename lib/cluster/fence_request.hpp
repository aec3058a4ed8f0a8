// SPDX-License-Identifier: GPL-2.0-or-later
// What a fence or unfence handler was called for: its options, and the environment that DRBD's
// kernel module and drbdadm give it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/process.hpp"

namespace san::cluster {

struct Fence_options {
    std::optional<std::string> clone{};  ///< --master-id; else looked up
    std::string role = "Master";         ///< --role; understood by all versions of Pacemaker
    std::string attribute = "#uname";    ///< --fencing-attribute
    std::string prefix = "drbd-fence-by-handler";  ///< --id-prefix
    std::chrono::seconds timeout{90};
    std::chrono::seconds leader_timeout{20};  ///< --dc-timeout
    std::chrono::seconds hickup{0};           ///< --network-hickup
    bool unreachable_is_outdated = false;
    bool suicide = false;
    bool cts = false;
    bool only_if_owner = false;
    bool quiet = false;
    bool help = false;
    std::string facility = "local5";
    std::chrono::seconds lock_timeout{120};
    bool lock_required = false;
    std::string lock_directory = "/var/lock/drbd";
    std::string lock_file{};  ///< NONE: without a lock

    /// How long any wait for the cluster may last, each from the start of the program.
    std::chrono::seconds longest() const;
};

/// DRBD 9 says which nodes have good data; 8.4 has one peer.
struct Nine {
    std::uint64_t up_to_date = 0;  ///< a bit for each node id
    unsigned own_id = 0;
    bool has_good_data(unsigned id) const { return (up_to_date >> id & 1U) != 0; }
};

struct Fence_request {
    std::string resource;
    Fence_options options{};
    std::vector<unsigned> minors{};
    std::vector<std::string> peers{};         ///< host names, 8.4
    std::map<unsigned, std::string> hosts{};  ///< of node ids, 9
    std::optional<Nine> nine{};               ///< with UP_TO_DATE_NODES
    std::vector<std::string> ignored{};       ///< arguments that say nothing to us, for the log

    std::string lock_path() const;
};

/// Shape   upstream's options, each as "--name value" and, if long, "--name=value"; words of
///         OCF_RESKEY_unfence_extra_args come after them, as the DRBD agent's monitor passes them
/// Errors  misconfigured, naming the option or variable, its value and what was expected
Fence_request parse_request(const std::vector<std::string>& arguments, const Variables& environment,
                            bool at_terminal);

}  // namespace san::cluster
