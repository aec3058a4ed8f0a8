// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/device_mapper.hpp"

#include <cerrno>
#include <libdevmapper.h>
#include <span>
#include <unistd.h>

#include "base/error.hpp"
#include "base/owned.hpp"
#include "kernel/mapper_status.hpp"

namespace san {

namespace {

using Task = Owned<dm_task, dm_task_destroy>;

/// The library prints its errors on stderr, which belongs to the cluster; the errno says enough.
void be_silent(int, const char*, int, int, const char*, ...) {}

Task made(int type, const std::string& name) {
    Task task{::dm_task_create(type)};
    if (!task) throw Error{Kind::failed, "device-mapper: no memory for a request"};
    if (!name.empty() && ::dm_task_set_name(task.get(), name.c_str()) == 0)
        throw Error{Kind::failed, "device-mapper: the name " + name + " is not valid"};
    return task;
}

void run(Task& task, const std::string& doing) {
    if (::dm_task_run(task.get()) == 0)
        throw system_error("device-mapper: " + doing, ::dm_task_get_errno(task.get()));
}

std::vector<std::string> device_names() {
    auto task = made(DM_DEVICE_LIST, {});
    run(task, "listing devices");
    std::vector<std::string> names;
    // A list of records without gaps, each with the offset of the next (struct dm_names); an empty
    // list is one record with device number 0.
    const dm_names* record = ::dm_task_get_names(task.get());
    if (record == nullptr || record->dev == 0) return names;
    for (;;) {
        names.emplace_back(record->name);
        if (record->next == 0) return names;
        record =
            reinterpret_cast<const dm_names*>(reinterpret_cast<const char*>(record) + record->next);
    }
}

std::vector<Device_number> devices_below(const std::string& name) {
    auto task = made(DM_DEVICE_DEPS, name);
    run(task, "reading what is below " + name);
    std::vector<Device_number> below;
    const dm_deps* deps = ::dm_task_get_deps(task.get());
    if (deps == nullptr) return below;
    // Packed by the kernel as dev_t in the wide encoding of include/linux/kdev_t.h,
    // huge_encode_dev.
    for (const auto device : std::span{deps->device, deps->count}) {
        const auto wide = static_cast<unsigned>(device);
        below.push_back({(wide & 0xfff00U) >> 8U, (wide & 0xffU) | ((wide >> 12U) & 0xfff00U)});
    }
    return below;
}

/// Nothing when the device went away between the list and the question.
std::vector<Mapped_device> described(const std::string& name) {
    auto task = made(DM_DEVICE_TABLE, name);
    run(task, "reading the table of " + name);
    dm_info info{};
    if (::dm_task_get_info(task.get(), &info) == 0 || info.exists == 0) return {};

    Mapped_device device{.name = name,
                         .uuid = ::dm_task_get_uuid(task.get()),
                         .number = {info.major, info.minor},
                         .open_count = static_cast<unsigned>(info.open_count),
                         .suspended = info.suspended != 0,
                         .has_live_table = info.live_table != 0};
    void* next = nullptr;
    do {
        std::uint64_t start = 0, length = 0;
        char* type = nullptr;
        char* parameters = nullptr;
        next = ::dm_get_next_target(task.get(), next, &start, &length, &type, &parameters);
        if (type != nullptr)
            device.table.push_back({type, parameters != nullptr ? parameters : ""});
    } while (next != nullptr);
    if (device.has_live_table) device.below = devices_below(name);
    return {device};
}

class Device_mapper final : public Mapper {
public:
    Device_mapper() { ::dm_log_with_errno_init(be_silent); }

    std::vector<Mapped_device> devices() override {
        // Opening the control node would load the driver, which a monitor must not do.
        if (::access("/sys/class/misc/device-mapper", F_OK) != 0) return {};
        std::vector<Mapped_device> found;
        for (const auto& name : device_names()) {
            try {
                for (auto& device : described(name)) found.push_back(std::move(device));
            } catch (const Error& problem) {
                if (problem.errnum() != ENXIO) throw;  // gone since the list was made
            }
        }
        return found;
    }

    std::optional<std::vector<Mapping>> find_status(const Device_number& number) override {
        return mapped_status(number);
    }

    Change remove(const std::string& name) override {
        auto task = made(DM_DEVICE_REMOVE, name);
        // udev opens a device for a moment after each change; the library retries on EBUSY.
        ::dm_task_retry_remove(task.get());
        if (::dm_task_run(task.get()) == 0) {
            const int errnum = ::dm_task_get_errno(task.get());
            if (errnum == ENXIO) return Change::none;
            throw system_error("device-mapper: removing " + name, errnum);
        }
        ::dm_task_update_nodes();
        return Change::made;
    }
};

}  // namespace

std::unique_ptr<Mapper> make_device_mapper() { return std::make_unique<Device_mapper>(); }

}  // namespace san

san::Mapper* san_mapper_make() { return san::make_device_mapper().release(); }
