// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_state.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "base/text.hpp"

namespace san::device_state {

namespace {

using Path = std::filesystem::path;

// Stacks are four or five deep. Each level adds a link to the path, of which the kernel follows 40.
constexpr int deepest = 16;

Path directory_of(const Device_number& number) { return Path{"/sys/dev/block"} / number.to_text(); }

std::optional<std::string> attribute(const Path& at, const Files& files) {
    const auto value = files.find(at);
    if (!value) return {};
    return std::string{text::trimmed(*value)};
}

/// Calls `look` with the directory of a device and of each below it, and whether everything above
/// it lies on it alone.
void descend(const Path& device, const Files& files, int depth, bool alone,
             const std::function<void(const Path&, bool alone)>& look) {
    if (depth == 0) return;
    look(device, alone);
    const auto below = files.names(device / "slaves");
    for (const auto& one : below)
        descend(device / "slaves" / one, files, depth - 1, alone && below.size() == 1, look);
}

std::optional<Device_number> number_of(const Path& device, const Files& files) {
    const auto value = attribute(device / "dev", files).value_or("");
    const auto colon = value.find(':');
    if (colon == std::string::npos) return {};
    const auto major = text::number<unsigned>(std::string_view{value}.substr(0, colon));
    const auto minor = text::number<unsigned>(std::string_view{value}.substr(colon + 1));
    if (!major || !minor) return {};
    return Device_number{*major, *minor};
}

std::optional<std::string> mapping_name(const Path& device, const Files& files) {
    return attribute(device / "dm/name", files);
}

void add_suspension(const Path& device, const std::string& name, const Files& files,
                    std::vector<std::string>& found) {
    if (attribute(device / "dm/suspended", files) == "1") found.push_back(name + " is suspended");
}

void add_mapping_faults(const Device_number& number, const std::string& name, Mapper& mapper,
                        std::vector<std::string>& found) {
    const auto lines = mapper.find_status(number);
    if (lines && std::any_of(lines->begin(), lines->end(), has_given_up))
        found.push_back(name + " answers with errors");
}

/// Of SCSI's states (drivers/scsi/scsi_sysfs.c, 6.1) and NVMe's (drivers/nvme/host/sysfs.c) those
/// in which every command fails.
void add_disk_faults(const Path& device, const Files& files, std::vector<std::string>& found) {
    static constexpr std::array<std::string_view, 5> failed{"offline", "transport-offline",
                                                            "cancel", "deleted", "dead"};
    const auto disk = files.exists(device / "partition") ? device / ".." : device;
    const auto state = attribute(disk / "device/state", files);
    if (state && std::find(failed.begin(), failed.end(), *state) != failed.end())
        found.push_back("device " + attribute(device / "dev", files).value_or("?") + " is " +
                        *state);
}

}  // namespace

// Thin volumes, pools and caches begin with "Fail", snapshots with "Invalid" or "Overflow"
// (Documentation/admin-guide/device-mapper, 6.1).
bool has_given_up(const Mapping& line) {
    static constexpr std::array<std::string_view, 3> words{"Fail", "Invalid", "Overflow"};
    return line.type == "error" ||
           std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return line.parameters.starts_with(word); });
}

std::vector<std::string> suspended(const Device_number& number, const Files& files) {
    std::vector<std::string> found;
    descend(directory_of(number), files, deepest, true, [&](const Path& device, bool) {
        if (const auto name = mapping_name(device, files))
            add_suspension(device, *name, files, found);
    });
    return found;
}

bool is_busy(const Device_number& number, const Files& files) {
    const auto requests =
        text::words(attribute(directory_of(number) / "inflight", files).value_or(""));
    return !suspended(number, files).empty() ||
           std::any_of(requests.begin(), requests.end(),
                       [](const std::string& count) { return count != "0"; });
}

std::vector<std::string> faults(const Device_number& number, const Files& files, Mapper& mapper) {
    std::vector<std::string> found;
    const auto top = directory_of(number);
    descend(top, files, deepest, true, [&](const Path& device, bool alone) {
        const auto name = mapping_name(device, files);
        if (name) add_suspension(device, *name, files, found);
        if (!alone) return;
        if (!name)
            add_disk_faults(device, files, found);
        else if (const auto its = device == top ? number : number_of(device, files))
            add_mapping_faults(*its, *name, mapper, found);
    });
    return found;
}

}  // namespace san::device_state
