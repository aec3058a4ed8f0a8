// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/unit_conflicts.hpp"

#include <algorithm>
#include <cstdint>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/naa.hpp"

namespace san::logical_unit {

namespace {

std::string names_of(const std::vector<Iscsi_name>& initiators) {
    std::vector<std::string> names;
    for (const auto& initiator : initiators) names.push_back(initiator.to_text());
    return text::joined(names, " ");
}

struct Identity {
    std::string name;
    Naa naa;
};

/// The NAA names of the node's backstores, without this unit's own and without those that have
/// none: their serial number is not set yet, or they show a disk's own.
std::vector<Identity> other_identities(const std::string& name, const Configfs& configfs) {
    constexpr std::string_view label = "T10 VPD Unit Serial Number:";
    std::vector<Identity> found;
    for (const auto& device : lio::backstores(configfs)) {
        const auto shown = configfs.find(device / "wwn/vpd_unit_serial").value_or("");
        if (device.filename() == name || !shown.starts_with(label)) continue;
        if (device.parent_path().filename().string().starts_with("pscsi_")) continue;
        const auto serial = text::trimmed(std::string_view{shown}.substr(label.size()));
        if (serial.empty()) continue;
        const auto company = configfs.find(device / "wwn/company_id").value_or("");
        found.push_back({device.filename(),
                         Naa::of(serial, company.starts_with("0x")
                                             ? text::number<std::uint32_t>(company.substr(2), 16)
                                                   .value_or(Naa::usual_company)
                                             : Naa::usual_company)});
    }
    return found;
}

}  // namespace

void refuse_conflicts(const Logical_unit& wanted, const Place& place) {
    const auto target = "target " + wanted.target.to_text();
    if (!place.has_group) throw Error{Kind::failed, target + " does not exist here"};
    if (!wanted.initiators.empty() && place.open_to_all)
        throw Error{Kind::misconfigured,
                    "allowed_initiators=" + text::quoted(names_of(wanted.initiators)) +
                        ": expected a list on the target too: " + target + " admits everybody"};
    for (const auto& [link, device] : place.lun)
        if (std::find(place.backstores.begin(), place.backstores.end(), device) ==
            place.backstores.end())
            throw Error{Kind::failed, "lun=" + text::quoted(wanted.lun.to_text()) +
                                          ": expected a free number: " +
                                          device.filename().string() + " has it on " + target};
}

void refuse_twin(const Logical_unit& wanted, const Configfs& configfs) {
    const auto naa = Naa::of(wanted.serial.to_text());
    for (const auto& other : other_identities(wanted.name, configfs))
        if (other.naa == naa)
            throw Error{Kind::misconfigured, "scsi_sn=" + text::quoted(wanted.serial.to_text()) +
                                                 ": expected another: " + wanted.name +
                                                 " would be NAA " + naa.to_text() + ", which is " +
                                                 other.name};
}

}  // namespace san::logical_unit
