// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_group.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace san {

namespace {

constexpr std::string_view allowed =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-";

// NAME_LEN of lvm2's metadata, less the NUL.
constexpr std::size_t longest_name = 127;

std::string checked(std::string_view text, const std::string& what) {
    if (text.empty() || text.size() > longest_name || text.front() == '-' || text == "." ||
        text == ".." || text.find_first_not_of(allowed) != std::string_view::npos)
        throw Error{Kind::misconfigured,
                    "expected a " + what + " name of letters, digits and + _ . -"};
    return std::string{text};
}

std::string doubled(const std::string& name) {
    std::string text;
    for (const char letter : name) text.append(letter == '-' ? 2 : 1, letter);
    return text;
}

std::uint64_t key(const Device_number& number) {
    return (std::uint64_t{number.major} << 32U) | number.minor;
}

bool lies_on(const Mapped_device& device, const Device_number& number) {
    return std::find(device.below.begin(), device.below.end(), number) != device.below.end();
}

}  // namespace

Vg_name Vg_name::parse(std::string_view text) { return Vg_name{checked(text, "volume group")}; }

Lv_name Lv_name::parse(std::string_view text) { return Lv_name{checked(text, "logical volume")}; }

namespace volume_group {

std::string Subject::to_text() const {
    return volume ? group.to_text() + "/" + volume->to_text() : group.to_text();
}

std::string group_of(std::string_view mapped_name) {
    std::string group;
    for (std::size_t at = 0; at < mapped_name.size(); ++at) {
        if (mapped_name[at] == '-') {
            if (at + 1 == mapped_name.size() || mapped_name[at + 1] != '-') return group;
            ++at;
        }
        group += mapped_name[at];
    }
    return {};
}

std::string mapped_name(const Vg_name& group, const Lv_name& volume) {
    return doubled(group.to_text()) + "-" + doubled(volume.to_text());
}

Members members(Mapper& mapper, const Vg_name& name) {
    auto found = mapper.devices_named(
        [&](std::string_view mapped) { return group_of(mapped) == name.to_text(); });
    std::erase_if(found,
                  [](const Mapped_device& device) { return !device.uuid.starts_with("LVM-"); });
    return found;
}

Members tops(const Members& members) {
    // Sorted, because there may be hundreds.
    std::vector<std::uint64_t> below;
    for (const auto& device : members)
        for (const auto& number : device.below) below.push_back(key(number));
    std::sort(below.begin(), below.end());
    Members found;
    for (const auto& device : members)
        if (!std::binary_search(below.begin(), below.end(), key(device.number)))
            found.push_back(device);
    return found;
}

Members of(const Subject& subject, const Members& members) {
    if (!subject.volume) return members;
    const auto name = mapped_name(subject.group, *subject.volume);
    Members found;
    for (const auto& device : members)
        if (device.name == name) found.push_back(device);
    // Grows while it is gone through.
    for (std::size_t at = 0; at < found.size(); ++at)
        for (const auto& device : members)
            if (lies_on(found[at], device.number) &&
                std::find(found.begin(), found.end(), device) == found.end())
                found.push_back(device);
    return found;
}

std::vector<device_users::Device> as_devices(const Members& members) {
    std::vector<device_users::Device> found;
    // Source  dm_create, drivers/md/dm.c: "dm-%d" with the minor number
    for (const auto& device : members)
        found.push_back({"dm-" + std::to_string(device.number.minor), device.number});
    return found;
}

}  // namespace volume_group
}  // namespace san
