// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mapper_messages.hpp"

#include <cstring>
#include <linux/dm-ioctl.h>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::dm {

namespace {

Error unreadable() {
    return Error{Kind::failed, "device-mapper gave an answer that cannot be read"};
}

template <class Record>
Record record_at(std::span<const char> bytes, std::size_t at) {
    Record record{};
    if (at > bytes.size() || bytes.size() - at < sizeof record) throw unreadable();
    std::memcpy(&record, bytes.data() + at, sizeof record);
    return record;
}

std::string_view text_at(std::span<const char> bytes, std::size_t at, std::size_t longest) {
    if (at >= bytes.size()) return {};
    const auto room = std::min(longest, bytes.size() - at);
    return {bytes.data() + at, ::strnlen(bytes.data() + at, room)};
}

Device_number decoded(std::uint64_t encoded) {
    const auto wide = static_cast<unsigned>(encoded);
    return {(wide & 0xfff00U) >> 8U, (wide & 0xffU) | ((wide >> 12U) & 0xfff00U)};
}

/// The fixed part of struct dm_name_list, whose name follows at once, without padding.
struct Name_head {
    std::uint64_t number;
    std::uint32_t next;  ///< from the beginning of this record; 0: it is the last
};
constexpr std::size_t name_at = offsetof(dm_name_list, name);

}  // namespace

std::uint64_t encoded(const Device_number& number) {
    return (number.minor & 0xffU) | (number.major << 8U) | ((number.minor & ~0xffU) << 12U);
}

std::vector<std::string> names(std::span<const char> answer) {
    std::vector<std::string> found;
    std::size_t at = record_at<dm_ioctl>(answer, 0).data_start;
    for (;;) {
        const auto head = record_at<Name_head>(answer, at);
        // An empty list is one record of nothing.
        if (head.number == 0) return found;
        found.emplace_back(text_at(answer, at + name_at, DM_NAME_LEN));
        if (head.next == 0) return found;
        if (head.next < name_at) throw unreadable();
        at += head.next;
    }
}

std::vector<Mapping> lines(std::span<const char> answer) {
    const auto header = record_at<dm_ioctl>(answer, 0);
    std::vector<Mapping> table;
    std::size_t at = header.data_start;
    for (unsigned line = 0; line < header.target_count; ++line) {
        const auto spec = record_at<dm_target_spec>(answer, at);
        const auto said = text_at(answer, at + sizeof spec, answer.size());
        table.push_back({.type = std::string{text_at({spec.target_type, sizeof spec.target_type}, 0,
                                                     sizeof spec.target_type)},
                         .parameters = std::string{text::trimmed(said)}});
        // From the first line on, and always further: else this would not end.
        if (header.data_start + spec.next <= at) throw unreadable();
        at = header.data_start + spec.next;
    }
    return table;
}

std::vector<Device_number> below(std::span<const char> answer) {
    const std::size_t at = record_at<dm_ioctl>(answer, 0).data_start;
    const auto count = record_at<dm_target_deps>(answer, at).count;
    std::vector<Device_number> found;
    for (std::size_t number = 0; number < count; ++number)
        found.push_back(decoded(record_at<std::uint64_t>(
            answer, at + offsetof(dm_target_deps, dev) + number * sizeof(std::uint64_t))));
    return found;
}

Mapped_device device(std::span<const char> answer) {
    const auto header = record_at<dm_ioctl>(answer, 0);
    return {.name = std::string{text_at({header.name, sizeof header.name}, 0, sizeof header.name)},
            .uuid = std::string{text_at({header.uuid, sizeof header.uuid}, 0, sizeof header.uuid)},
            .number = decoded(header.dev),
            .open_count = static_cast<unsigned>(header.open_count),
            .suspended = (header.flags & DM_SUSPEND_FLAG) != 0,
            .has_live_table = (header.flags & DM_ACTIVE_PRESENT_FLAG) != 0};
}

}  // namespace san::dm
