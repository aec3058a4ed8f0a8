// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mapper_status.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <string_view>
#include <sys/ioctl.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"

namespace san {

namespace {

constexpr std::size_t first_size = 16384;
// A table of a hundred thousand segments; whoever has more is not told.
constexpr std::size_t largest_size = 16777216;

/// The wide encoding of include/linux/kdev_t.h, huge_encode_dev.
std::uint64_t encoded(const Device_number& number) {
    return (number.minor & 0xffU) | (number.major << 8U) | ((number.minor & ~0xffU) << 12U);
}

template <class Record>
Record record_at(std::span<const char> bytes, std::size_t at) {
    Record record{};
    if (at > bytes.size() || bytes.size() - at < sizeof record)
        throw Error{Kind::failed, "device-mapper described a table in a way that cannot be read"};
    std::memcpy(&record, bytes.data() + at, sizeof record);
    return record;
}

std::string_view text_at(std::span<const char> bytes, std::size_t at, std::size_t longest) {
    if (at >= bytes.size()) return {};
    const auto room = std::min(longest, bytes.size() - at);
    return {bytes.data() + at, ::strnlen(bytes.data() + at, room)};
}

}  // namespace

std::vector<Mapping> decoded_status(std::span<const char> answer) {
    const auto header = record_at<dm_ioctl>(answer, 0);
    std::vector<Mapping> table;
    std::size_t at = header.data_start;
    for (unsigned line = 0; line < header.target_count; ++line) {
        const auto spec = record_at<dm_target_spec>(answer, at);
        const auto said = text_at(answer, at + sizeof spec, answer.size());
        table.push_back({.type = std::string{text_at({spec.target_type, sizeof spec.target_type}, 0,
                                                     sizeof spec.target_type)},
                         .parameters = std::string{text::trimmed(said)}});
        at = header.data_start + spec.next;
    }
    return table;
}

std::optional<std::vector<Mapping>> mapped_status(const Device_number& number) {
    const auto control = Fd::adopt(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC));
    if (!control && errno == ENOENT) return {};
    if (!control) throw system_error("opening /dev/mapper/control", errno);
    for (auto size = first_size; size <= largest_size; size *= 4) {
        std::vector<char> buffer(size);
        dm_ioctl header{};
        header.version[0] = DM_VERSION_MAJOR;
        header.data_size = static_cast<std::uint32_t>(size);
        header.data_start = sizeof header;
        header.dev = encoded(number);
        // Without this a thin pool writes its metadata before it answers, which can hang (6.1,
        // dm-thin.c, pool_status).
        header.flags = DM_NOFLUSH_FLAG;
        std::memcpy(buffer.data(), &header, sizeof header);
        if (::ioctl(control.raw(), DM_TABLE_STATUS, buffer.data()) != 0) {
            if (errno == ENXIO) return {};
            throw system_error("device-mapper: reading the status of " + number.to_text(), errno);
        }
        std::memcpy(&header, buffer.data(), sizeof header);
        if ((header.flags & DM_BUFFER_FULL_FLAG) == 0) return decoded_status(buffer);
    }
    throw Error{Kind::failed, "device-mapper: the status of " + number.to_text() + " is too long"};
}

}  // namespace san
