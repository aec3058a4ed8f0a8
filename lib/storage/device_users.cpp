// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_users.hpp"

#include <algorithm>
#include <array>
#include <poll.h>
#include <unistd.h>

#include "base/text.hpp"
#include "kernel/mountinfo.hpp"
#include "kernel/process_name.hpp"

namespace san::device_users {

namespace {

using namespace std::chrono_literals;

// How long to trust that a user that cannot be seen is still there.
constexpr auto blind = 1s;
// Devices on top and mounts end without an event that a program could wait for in both cases.
constexpr auto glance = 50ms;
// A program's close is told before the driver hears of it (fs/file_table.c, __fput).
constexpr auto release = 10ms;
constexpr int tries_after_close = 5;

void add_holders(std::vector<std::string>& users, const Device& device, const Files& files) {
    for (const auto& holder : files.names("/sys/block/" + device.name + "/holders")) {
        const auto name = files.find("/sys/block/" + holder + "/dm/name");
        users.push_back(name ? std::string{text::trimmed(*name)} : holder);
    }
}

void add_programs(std::vector<std::string>& users, const std::vector<Device>& devices,
                  const Files& files) {
    const std::filesystem::path proc{"/proc"};
    const auto is_one = [&](const std::filesystem::path& open) {
        const auto link = files.find_link(open).value_or("");
        // What is no path is a socket, a pipe or the like, and need not be looked at further.
        if (!link.starts_with("/")) return false;
        const auto found = files.find_block_device(open);
        return std::any_of(devices.begin(), devices.end(), [&](const auto& device) {
            return link == "/dev/" + device.name || found == device.number;
        });
    };
    for (const auto& process : files.names(proc)) {
        if (!text::number<unsigned>(process)) continue;
        const auto open = proc / process / "fd";
        const auto names = files.names(open);
        if (std::any_of(names.begin(), names.end(),
                        [&](const auto& name) { return is_one(open / name); }))
            users.push_back(process_name(process, files) + " (process " + process + ")");
    }
}

/// What sits on them, by devices and mounts.
std::vector<std::string> layers(const std::vector<Device>& devices, const Files& files) {
    std::vector<std::string> users;
    const auto mounts = files.find("/proc/self/mountinfo").value_or("");
    for (const auto& device : devices) {
        add_holders(users, device, files);
        for (auto& place : mountinfo::places_of(device.number, mounts))
            users.push_back(std::move(place));
    }
    return users;
}

Fd closings_of(const std::vector<Device>& devices, const Files& files) {
    std::vector<std::filesystem::path> paths;
    for (const auto& device : devices) paths.push_back("/dev/" + device.name);
    return files.closings_of(paths);
}

}  // namespace

std::string users(const std::vector<Device>& devices, const Files& files) {
    auto users = layers(devices, files);
    add_programs(users, devices, files);
    return text::joined(users, ", ");
}

std::vector<std::string> backstores(const std::vector<Device>& devices, const Files& files,
                                    const Configfs& configfs) {
    const Configfs::Path core{"target/core"};
    std::vector<std::string> found;
    for (const auto& hba : configfs.find_entries(core).value_or(std::vector<std::string>{}))
        for (const auto& name :
             configfs.find_entries(core / hba).value_or(std::vector<std::string>{})) {
            const auto path = configfs.find(core / hba / name / "udev_path").value_or("");
            const auto number = files.find_block_device(path);
            if (number && std::any_of(devices.begin(), devices.end(),
                                      [&](const auto& device) { return device.number == *number; }))
                found.push_back("backstore " + hba + "/" + name);
        }
    return found;
}

Departures::Departures(std::vector<Device> devices, const Files& files)
    : devices_{std::move(devices)},
      files_{&files},
      closings_{closings_of(devices_, files)},
      on_top_{on_top()} {}

std::string Departures::on_top() const { return text::joined(layers(devices_, *files_), ","); }

void Departures::wait(const Deadline& deadline, const std::function<bool()>& changed) {
    const auto until = deadline.within(soon_ > 0 ? std::chrono::milliseconds{release} : blind);
    if (soon_ > 0) --soon_;
    while (!until.expired()) {
        pollfd closing{closings_.raw(), POLLIN, 0};
        const auto pause = until.within(glance).left();
        if (::poll(&closing, 1, static_cast<int>(pause.count())) > 0) {
            // Which of them it was does not matter: they are all asked for at once.
            std::array<char, 4096> events{};
            while (::read(closings_.raw(), events.data(), events.size()) > 0) {
            }
            soon_ = tries_after_close;
            return;
        }
        if (const auto now = on_top(); now != on_top_) {
            on_top_ = now;
            return;
        }
        if (changed()) return;
    }
}

}  // namespace san::device_users
