// SPDX-License-Identifier: GPL-2.0-or-later
// What is set on nodes: LVM, services, files with secrets, links between nodes.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "stack/rules.hpp"
#include "stack/vocabulary.hpp"

namespace san::stack {

namespace {

/// The disks below DRBD on a node.
Words backing_devices(const Facts& facts, const std::string& node) {
    Words found;
    if (!facts.drbd) return found;
    for (const auto& resource : facts.drbd->resources)
        for (const auto& host : resource.hosts)
            if (host.name == node)
                for (const auto& volume : host.volumes)
                    if (!volume.disk.empty() && volume.disk != "none") found.push_back(volume.disk);
    return found;
}

Words names_of(const std::string& device, const Node_facts& node) {
    Words names{device};
    for (const auto& known : node.devices)
        if (known.device == device)
            names.insert(names.end(), known.others.begin(), known.others.end());
    return names;
}

/// LVM does not look into its own volumes unless scan_lvs is set (lvm.conf(5), since 2.03).
bool looks_like_volume(const std::string& device) {
    constexpr std::string_view top{"/dev/"};
    const bool two_parts = device.starts_with(top) &&
                           device.find('/', top.size()) != std::string::npos &&
                           !device.starts_with("/dev/disk/") && !device.starts_with("/dev/md/") &&
                           !device.starts_with("/dev/zvol/") && !device.starts_with("/dev/cciss/");
    return device.starts_with("/dev/mapper/") || two_parts;
}

Findings lvm_filter(const Facts& facts) {
    Findings found;
    if (!facts.cluster || select(*facts.cluster, is_volume_group).empty()) return found;
    for (const auto& node : facts.nodes) {
        if (!node.lvm) continue;
        Words seen;
        for (const auto& device : backing_devices(facts, node.name)) {
            if (looks_like_volume(device) && !node.lvm->scan_lvs) continue;
            if (node.lvm->looks_at(names_of(device, node))) seen.push_back(device);
        }
        if (seen.empty()) continue;
        Words patterns;
        for (const auto& device : seen) patterns.push_back("\"r|^" + device + "$|\"");
        found.push_back(
            {.severity = Severity::error,
             .subject = node.name,
             .reason = "LVM looks at " + text::joined(seen, ", ") +
                       ", below DRBD: it finds the volume "
                       "group twice, and activated there it is written past DRBD",
             .mend = node.lvm->use_devices_file
                         ? "lvmdevices --deldev " + shell_word(seen.front()) + " on " + node.name
                         : "in the section devices of /etc/lvm/lvm.conf: global_filter = [ " +
                               text::joined(patterns, ", ") +
                               " ]; then update-initramfs -u or "
                               "dracut -f"});
    }
    return found;
}

Findings group_at_boot(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    std::set<std::string> groups;
    for (const auto* resource : select(*facts.cluster, is_volume_group))
        groups.insert(group_name_of(*resource));
    std::set<std::string> told;
    for (const auto& node : facts.nodes)
        for (const auto& group : node.groups) {
            if (!groups.contains(group.name) || !group.is_activated_at_boot ||
                (node.lvm && !node.lvm->may_activate(group.name)) ||
                !told.insert(group.name).second)
                continue;
            found.push_back({.severity = Severity::warning,
                             .subject = group.name,
                             .reason =
                                 "the volume group is activated by itself when a node starts or "
                                 "its disk appears: it holds DRBD open there, or is active on two "
                                 "nodes",
                             .mend = "vgchange --setautoactivation n " + shell_word(group.name) +
                                     ", where it is active"});
        }
    return found;
}

struct Unit {
    const char* name;
    const char* reason;
};

// Names on Debian and RHEL. Not with --now: stopping target.service clears LIO's configuration.
constexpr std::array units{
    Unit{"drbd.service", "brings DRBD up, and may promote it, past the cluster"},
    Unit{"target.service",
         "restores old targets at boot: initiators log in where nothing should be "
         "served"},
    Unit{"rtslib-fb-targetctl.service",
         "restores old targets at boot: initiators log in where nothing "
         "should be served"},
    Unit{"targetclid.service", "keeps a configuration of targets that is not the cluster's"},
    Unit{"scst.service",
         "restores old targets at boot: initiators log in where nothing should be "
         "served"},
    Unit{"iscsitarget.service", "serves what ietd.conf says, past the cluster"},
};

bool has_agent(const Configuration& configuration, const std::string& type) {
    return std::any_of(configuration.resources.begin(), configuration.resources.end(),
                       [&](const Resource& each) { return each.type == type; });
}

Findings services(const Facts& facts) {
    Findings found;
    if (!facts.cluster) return found;
    const auto& cluster = *facts.cluster;
    const bool has_target = has_agent(cluster, "iSCSITarget") || has_agent(cluster, "SCSTTarget");
    const auto concerns = [&](const std::string& unit) {
        return unit == "drbd.service" ? has_agent(cluster, "drbd") : has_target;
    };
    const auto add = [&](const Node_facts& node, const std::string& unit, const std::string& why,
                         const std::string& mend = {}) {
        found.push_back({.severity = Severity::error,
                         .subject = node.name + ": " + unit,
                         .reason = "it starts at boot, and " + why,
                         .mend = !mend.empty() ? mend
                                               : "systemctl disable " + unit + " on " + node.name +
                                                     " (without --now, which would end what is "
                                                     "running)"});
    };
    for (const auto& node : facts.nodes)
        for (const auto& name : node.units_at_boot) {
            for (const auto& unit : units)
                if (name == unit.name && concerns(name)) add(node, name, unit.reason);
            // The agents need the daemon; what its files bring up, nobody.
            if (name == "tgt.service" && has_target && !node.tgt_targets.empty())
                add(node, name,
                    "brings up what its files say (" + text::joined(node.tgt_targets, ", ") +
                        "), past the cluster",
                    "take the targets out of /etc/tgt on " + node.name);
            const bool nfs = name == "nfs-server.service" || name == "nfs-kernel-server.service";
            if (nfs && has_agent(cluster, "nfsserver"))
                add(node, name, "serves files past the cluster");
        }
    return found;
}

Findings stray_target(const Facts& facts) {
    Findings found;
    if (!facts.cluster || !has_agent(*facts.cluster, "iSCSITarget")) return found;
    std::set<std::string> known;
    for (const auto* target : select(*facts.cluster, is_target)) known.insert(iqn_of(*target));
    for (const auto& node : facts.nodes)
        for (const auto& target : node.targets) {
            if (known.contains(text::lower(target))) continue;
            found.push_back(
                {.severity = Severity::warning,
                 .subject = node.name + ": " + target,
                 .reason = "this target is served, and the cluster does not know it: what it "
                           "shows is written whatever the cluster decides",
                 .mend = "targetcli /iscsi delete " + shell_word(target) + " on " + node.name});
        }
    return found;
}

Findings open_secret(const Facts& facts) {
    Findings found;
    for (const auto& node : facts.nodes)
        for (const auto& file : node.secrets) {
            if (!file.is_open_to_others()) continue;
            found.push_back({.severity = Severity::error,
                             .subject = node.name + ": " + file.path,
                             .reason =
                                 "a secret is in this file, and every user of the node can read "
                                 "or write it",
                             .mend = "chmod o= " + shell_word(file.path) + " on " + node.name});
        }
    return found;
}

using Bits = std::vector<unsigned char>;

std::optional<Bits> bits_of(const std::string& address) {
    Bits bits(16);
    if (::inet_pton(AF_INET, address.c_str(), bits.data()) == 1) {
        bits.resize(4);
        return bits;
    }
    if (::inet_pton(AF_INET6, address.c_str(), bits.data()) == 1) return bits;
    return {};
}

bool is_within(const Bits& a, const Bits& b, int prefix) {
    if (a.size() != b.size()) return false;
    for (int bit = 0; bit < prefix && bit < static_cast<int>(a.size()) * 8; ++bit) {
        const auto at = static_cast<std::size_t>(bit / 8);
        const auto mask = 0x80 >> (bit % 8);
        if (((a[at] ^ b[at]) & mask) != 0) return false;
    }
    return true;
}

/// What a node says of the address's network; else the prefix that most networks have.
int prefix_of(const std::string& address, const Facts& facts) {
    for (const auto& node : facts.nodes)
        for (const auto& network : node.networks)
            if (network.address == address) return network.prefix;
    return address.find(':') == std::string::npos ? 24 : 64;
}

Findings rings(const Facts& facts) {
    Findings found;
    if (!facts.corosync) return found;
    if (facts.corosync->links() == 1)
        return {
            {.severity = Severity::warning,
             .subject = "corosync.conf",
             .reason =
                 "there is one link between the nodes: when it breaks, each takes the other for "
                 "dead, and one is fenced",
             .mend = "ring1_addr for each node, on another network, then corosync-cfgtool -R"}};
    for (const auto& node : facts.corosync->nodes)
        for (std::size_t one = 0; one < node.addresses.size(); ++one)
            for (std::size_t other = 0; other < one; ++other) {
                const auto a = bits_of(node.addresses[one]), b = bits_of(node.addresses[other]);
                if (!a || !b || !is_within(*a, *b, prefix_of(node.addresses[one], facts))) continue;
                return {
                    {.severity = Severity::error,
                     .subject = "corosync.conf",
                     .reason = "ring " + std::to_string(other) + " and ring " +
                               std::to_string(one) + " of " + node.name + " are on one subnet (" +
                               node.addresses[other] + ", " + node.addresses[one] +
                               "): the kernel sends both over one link, and they break together",
                     .mend = "an address of another network for ring" + std::to_string(one) +
                             "_addr of each node"}};
            }
    const auto& bound = facts.corosync->bound_networks;
    if (std::set<std::string>(bound.begin(), bound.end()).size() < bound.size())
        found.push_back({.severity = Severity::error,
                         .subject = "corosync.conf",
                         .reason = "two interfaces have one bindnetaddr: both rings use one link",
                         .mend = "bindnetaddr of another network for the second interface"});
    return found;
}

template <class Part>
void compare(const Facts& facts, const std::string& what, const std::string& mend, const Part& part,
             Findings& found) {
    const Node_facts* first = nullptr;
    for (const auto& node : facts.nodes) {
        if (part(node).empty()) continue;
        if (!first) {
            first = &node;
            continue;
        }
        if (part(node) == part(*first)) continue;
        found.push_back({.severity = Severity::error,
                         .subject = first->name + ", " + node.name,
                         .reason = what +
                                   " differs between these nodes: which one is in force depends "
                                   "on who started last",
                         .mend = mend});
    }
}

Findings files_differ(const Facts& facts) {
    Findings found;
    compare(
        facts, "corosync.conf", "copy the right one to all nodes, then corosync-cfgtool -R",
        [](const Node_facts& node) { return node.corosync; }, found);
    compare(
        facts, "DRBD's configuration", "copy /etc/drbd.d to all nodes, then drbdadm adjust all",
        [](const Node_facts& node) { return node.drbd; }, found);
    return found;
}

}  // namespace

std::vector<Rule> node_rules() {
    return {
        {"lvm-filter", "LVM looks at the disks below DRBD", lvm_filter},
        {"group-at-boot", "a volume group of the cluster is activated at boot", group_at_boot},
        {"service-at-boot", "a service does at boot what is the cluster's to do", services},
        {"stray-target", "a node serves a target that the cluster does not know", stray_target},
        {"open-secret", "a file with a secret can be read by others", open_secret},
        {"rings", "the links between nodes are one, or share a network", rings},
        {"files-differ", "nodes have different configurations", files_differ},
    };
}

}  // namespace san::stack
