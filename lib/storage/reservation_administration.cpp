// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservation_administration.hpp"

#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/lio.hpp"
#include "storage/names.hpp"
#include "storage/reservation_store.hpp"
#include "storage/reservations.hpp"

namespace san {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "aptpl_";
constexpr std::string_view whole = ".whole";

/// By serial number: the line, or what is wrong with the file.
std::map<std::string, std::string> in_directory(const fs::path& directory, const Files& files) {
    if (!files.is_directory(directory))
        throw Error{Kind::failed, directory.string() + ": no such directory"};
    std::map<std::string, std::string> found;
    for (const auto& name : files.names(directory)) {
        if (!name.starts_with(prefix) || name.ends_with(whole)) continue;
        auto content = Registrations::find_in_file(files.find(directory / name).value_or(""));
        if (!content)
            content = Registrations::find_in_file(
                files.find(directory / (name + std::string{whole})).value_or(""));
        found.emplace(name.substr(prefix.size()), content ? content->to_line() : "");
    }
    return found;
}

std::string shown(const std::string& serial, const std::string& line) {
    auto text = "serial " + serial + "\n";
    try {
        for (const auto& one : Registrations::parse_line(line))
            text += "  " + one.description() + "\n";
    } catch (const Error& problem) {
        text +=
            "  unusable, and keeps the unit from starting: " + std::string{problem.what()} + "\n";
    }
    return text;
}

/// A parameter of a resource as configured, empty when it is not.
std::string parameter(const std::string& unit, const std::string& name, Commands& commands,
                      const Deadline& deadline) {
    const auto asked =
        commands.run({"crm_resource", "--resource", unit, "--get-parameter", name}, deadline);
    return asked.ok() ? std::string{text::trimmed(asked.out)} : std::string{};
}

/// The serial number that the cluster gives a unit of that name, as iSCSILogicalUnit does.
std::string serial_of(const std::string& unit, Commands& commands, const Deadline& deadline) {
    const auto value = [&](const char* name) { return parameter(unit, name, commands, deadline); };
    if (const auto given = value("scsi_sn"); !given.empty()) return given;
    if (value("identity") != "cluster") return Scsi_serial::of_resource(unit).to_text();
    return Scsi_serial::of_place(Iscsi_name::parse(value("target_iqn")),
                                 Lun_number::parse(value("lun")))
        .to_text();
}

}  // namespace

std::string Reservation_administration::list(const std::optional<fs::path>& directory,
                                             const Deadline& deadline) const {
    std::string text;
    const auto kept =
        directory ? in_directory(*directory, files_) : Reservation_store{commands_}.all(deadline);
    for (const auto& [serial, line] : kept)
        if (!line.empty()) text += shown(serial, line);
    return text;
}

std::string Reservation_administration::drop(const std::string& unit,
                                             const std::optional<fs::path>& directory,
                                             const Deadline& deadline) const {
    const Reservation_store cluster{commands_};
    const auto kept = directory ? in_directory(*directory, files_) : cluster.all(deadline);
    const auto serial = kept.contains(unit) ? unit : serial_of(unit, commands_, deadline);
    const auto found = kept.find(serial);
    if (found == kept.end() || found->second.empty())
        throw Error{Kind::failed,
                    "no reservations are kept of a unit or serial number " + text::quoted(unit)};
    if (directory) {
        const auto file = *directory / (std::string{prefix} + serial);
        files_.remove(file);
        files_.remove(file.string() + std::string{whole});
    } else {
        cluster.put(Scsi_serial::parse(serial), "", deadline);
    }
    auto said = "Dropped:\n" + shown(serial, found->second);
    if (is_live_here(serial))
        said +=
            "The unit is running here. What its initiators have now stays in force until they\n"
            "release it, or the unit is stopped; then it is gone.\n";
    return said;
}

bool Reservation_administration::is_live_here(const std::string& serial) const {
    using Names = std::vector<std::string>;
    for (const auto& hba : configfs_.find_entries(lio::core).value_or(Names{}))
        for (const auto& device : configfs_.find_entries(lio::core / hba).value_or(Names{})) {
            const auto at = lio::core / hba / device;
            if (configfs_.find(at / "wwn/vpd_unit_serial").value_or("").ends_with(": " + serial))
                return true;
        }
    return false;
}

}  // namespace san
