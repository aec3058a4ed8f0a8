// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/identity.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "stack/vocabulary.hpp"
#include "storage/naa.hpp"
#include "storage/names.hpp"

namespace san::stack {

namespace {

/// Empty when the agent's default is not known.
std::string serial_of(const Resource& unit) {
    if (const auto given = unit.parameter("scsi_sn"); !given.empty()) return given;
    if (unit.is("SCSTLun")) return {};
    if (unit.parameter("identity") == "cluster") try {
            return Scsi_serial::of_place(Iscsi_name::parse(unit.parameter("target_iqn")),
                                         Lun_number::parse(lun_of(unit)))
                .to_text();
        } catch (const Error&) {
            return {};
        }
    return Scsi_serial::of_resource(unit.id).to_text();
}

bool is_on_lio(const Resource& unit) {
    const auto word = unit.parameter("implementation");
    return unit.is("iSCSILogicalUnit") && (word.empty() || word.starts_with("lio"));
}

/// Only tgt, IET and SCST have one.
std::string identifier_of(const Resource& unit) {
    const auto word = unit.parameter("implementation");
    const auto given = unit.parameter("scsi_id");
    if (unit.is("SCSTLun") || word.starts_with("scst")) return given;
    if (word != "tgt" && word != "iet") return {};
    if (!given.empty()) return given;
    return (unit.parameter("identity") == "cluster" ? serial_of(unit) : unit.id).substr(0, 16);
}

}  // namespace

std::optional<Shared_identity> shared_identity(const Resource& one, const Resource& other) {
    const auto serial = serial_of(one), other_serial = serial_of(other);
    if (!serial.empty() && serial == other_serial)
        return Shared_identity{"serial number " + serial, "scsi_sn"};
    if (!serial.empty() && !other_serial.empty() && is_on_lio(one) && is_on_lio(other) &&
        Naa::of(serial) == Naa::of(other_serial))
        return Shared_identity{"NAA name, " + Naa::of(serial).to_text() +
                                   ", by their serial numbers " + serial + " and " + other_serial,
                               "scsi_sn"};
    const auto identifier = identifier_of(one);
    if (!identifier.empty() && identifier == identifier_of(other))
        return Shared_identity{"SCSI identifier " + identifier, "scsi_id"};
    return {};
}

}  // namespace san::stack
