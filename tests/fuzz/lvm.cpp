// SPDX-License-Identifier: GPL-2.0-or-later
// LVM's reports in JSON.
#include "fuzz/fuzz.hpp"
#include "storage/lvm_report.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "lvm", .is_netlink = false};

void decode(const Input& input) {
    const auto rows = lvm::rows(input.text());
    if (rows.empty()) return;
    const auto group = lvm::group_of(rows, Vg_name::parse("vgx"));
    require(group.missing() <= group.physical.size(), "more missing than there are");
}

}  // namespace san::fuzz
