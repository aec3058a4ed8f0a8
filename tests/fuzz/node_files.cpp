// SPDX-License-Identifier: GPL-2.0-or-later
// What san-check reads of a node: corosync.conf, lvm.conf, LVM's devices, and another node's facts.
#include "fuzz/fuzz.hpp"
#include "stack/corosync_configuration.hpp"
#include "stack/facts_document.hpp"
#include "stack/lvm_settings.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "node_files", .is_netlink = false};

void decode(const Input& input) {
    const std::string text{input.text()};
    switch (input.choice & 3U) {
        case 0: {
            const auto corosync = stack::Corosync_configuration::parse(text);
            corosync.token();
            corosync.is_two_node();
            corosync.links();
            return;
        }
        case 1: {
            const auto lvm = stack::Lvm_settings::parse(text);
            lvm.may_activate("vg_san");
            lvm.looks_at({"/dev/drbd0", "/dev/sda"});
            return;
        }
        case 2:
            for (const auto& device : stack::devices_in(text))
                require(device.find('\n') == std::string::npos, "a device of two lines");
            return;
        default:
            stack::facts_from_xml(stack::to_xml(stack::facts_from_xml(text)));
    }
}

}  // namespace san::fuzz
