// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper's ioctls. libdevmapper would bring libudev, libselinux and libpcre2, a third of
// what a monitor costs.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "kernel/mapper.hpp"
#include "kernel/mapper_messages.hpp"

namespace san {

namespace {

constexpr std::size_t first_size = 16384;
// A table of a hundred thousand segments; whoever has more is not told.
constexpr std::size_t largest_size = 16777216;

/// Which device a request is about: by name, by number, or none.
struct Subject {
    std::string_view name{};
    std::uint64_t number = 0;
};

class Device_mapper final : public Mapper {
public:
    std::vector<Mapped_device> devices_named(const Wanted& wanted) override {
        std::vector<Mapped_device> found;
        if (!is_there()) return found;
        ask(DM_LIST_DEVICES, {}, 0, "listing devices");
        const auto names = dm::names(answer_);
        for (const auto& name : names) {
            if (!wanted(name)) continue;
            try {
                found.push_back(described(name));
            } catch (const Error& problem) {
                if (problem.errnum() != ENXIO) throw;  // gone since the list was made
            }
        }
        return found;
    }

    std::optional<std::vector<Mapping>> find_status(const Device_number& number) override {
        if (!is_there()) return {};
        try {
            // Without the flag a thin pool writes its metadata before it answers, which can hang
            // (6.1, dm-thin.c, pool_status).
            ask(DM_TABLE_STATUS, {.number = dm::encoded(number)}, DM_NOFLUSH_FLAG,
                "reading the status of " + number.to_text());
        } catch (const Error& problem) {
            if (problem.errnum() == ENXIO) return {};
            throw;
        }
        return dm::lines(answer_);
    }

    Change remove(const std::string& name) override {
        if (!is_there()) return Change::none;
        try {
            // Without a cookie nobody waits for udev, which takes the device's links away when it
            // hears of it.
            ask(DM_DEV_REMOVE, {.name = name}, 0, "removing " + name);
        } catch (const Error& problem) {
            if (problem.errnum() == ENXIO) return Change::none;
            throw;
        }
        return Change::made;
    }

private:
    /// Opening the control node would load the driver, which a monitor must not do.
    bool is_there() const {
        return control_ || ::access("/sys/class/misc/device-mapper", F_OK) == 0;
    }

    Mapped_device described(const std::string& name) {
        ask(DM_TABLE_STATUS, {.name = name}, DM_STATUS_TABLE_FLAG | DM_NOFLUSH_FLAG,
            "reading the table of " + name);
        auto device = dm::device(answer_);
        device.table = dm::lines(answer_);
        if (!device.has_live_table) return device;
        ask(DM_TABLE_DEPS, {.name = name}, 0, "reading what is below " + name);
        device.below = dm::below(answer_);
        return device;
    }

    /// Leaves the answer in answer_, which grows until it is large enough.
    void ask(unsigned long request, const Subject& subject, unsigned flags,
             const std::string& doing) {
        if (!control_) control_ = Fd::adopt(::open("/dev/mapper/control", O_RDWR | O_CLOEXEC));
        if (!control_) throw system_error("opening /dev/mapper/control", errno);
        if (subject.name.size() >= DM_NAME_LEN)
            throw Error{Kind::failed,
                        "device-mapper: the name " + std::string{subject.name} + " is too long"};
        for (;;) {
            dm_ioctl header{};
            header.version[0] = DM_VERSION_MAJOR;
            header.data_size = static_cast<std::uint32_t>(answer_.size());
            header.data_start = sizeof header;
            header.dev = subject.number;
            header.flags = flags;
            std::copy(subject.name.begin(), subject.name.end(), header.name);
            std::memcpy(answer_.data(), &header, sizeof header);
            // What an earlier answer left behind is no part of this one.
            std::memset(answer_.data() + sizeof header, 0, sizeof(dm_target_deps));
            if (::ioctl(control_.raw(), request, answer_.data()) != 0)
                throw system_error("device-mapper: " + doing, errno);
            std::memcpy(&header, answer_.data(), sizeof header);
            if ((header.flags & DM_BUFFER_FULL_FLAG) == 0) return;
            if (answer_.size() >= largest_size)
                throw Error{Kind::failed, "device-mapper: " + doing + ": the answer is too long"};
            answer_.resize(answer_.size() * 4);
        }
    }

    Fd control_;
    std::vector<char> answer_ = std::vector<char>(first_size);
};

}  // namespace

std::unique_ptr<Mapper> make_mapper() { return std::make_unique<Device_mapper>(); }

}  // namespace san
