// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper with memory. Refuses to remove what is open or lies below another device.
#pragma once

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/error.hpp"
#include "kernel/mapper.hpp"

namespace san::test {

class Fake_mapper final : public Mapper {
public:
    std::vector<Mapped_device> list;
    /// What the lines of a device's table say of themselves, by its name; unless given, nothing.
    std::map<std::string, std::string> status;

    /// As the kernel counts: a device above another one holds it open.
    std::vector<Mapped_device> devices_named(const Wanted& wanted) override {
        std::vector<Mapped_device> seen;
        for (const auto& device : list) {
            if (!wanted(device.name)) continue;
            seen.push_back(device);
            seen.back().open_count += static_cast<unsigned>(std::count_if(
                list.begin(), list.end(),
                [&](const Mapped_device& other) { return lies_on(other, device.number); }));
        }
        return seen;
    }

    std::optional<std::vector<Mapping>> find_status(const Device_number& number) override {
        const auto found = std::find_if(list.begin(), list.end(), [&](const Mapped_device& device) {
            return device.number == number;
        });
        if (found == list.end()) return {};
        const auto said = status.find(found->name);
        auto lines = found->table;
        for (auto& line : lines) line.parameters = said == status.end() ? "" : said->second;
        return lines;
    }

    Change remove(const std::string& name) override {
        const auto found = std::find_if(list.begin(), list.end(),
                                        [&](const auto& device) { return device.name == name; });
        if (found == list.end()) return Change::none;
        if (found->open_count > 0 ||
            std::any_of(list.begin(), list.end(),
                        [&](const Mapped_device& other) { return lies_on(other, found->number); }))
            throw system_error("device-mapper: removing " + name, EBUSY);
        list.erase(found);
        return Change::made;
    }

private:
    static bool lies_on(const Mapped_device& device, const Device_number& number) {
        return std::find(device.below.begin(), device.below.end(), number) != device.below.end();
    }
};

}  // namespace san::test
