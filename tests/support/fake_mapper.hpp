// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper with memory: refuses to remove what is open or lies below another device.
#pragma once

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "kernel/mapper.hpp"

namespace san::test {

class Fake_mapper final : public Mapper {
public:
    std::vector<Mapped_device> list;

    std::vector<Mapped_device> devices() override { return list; }

    Change remove(const std::string& name) override {
        const auto found = std::find_if(list.begin(), list.end(),
                                        [&](const auto& device) { return device.name == name; });
        if (found == list.end()) return Change::none;
        const auto lies_below = [&](const Mapped_device& other) {
            return std::count(other.below.begin(), other.below.end(), found->number) != 0;
        };
        if (found->open_count > 0 || std::any_of(list.begin(), list.end(), lies_below))
            throw system_error("device-mapper: removing " + name, EBUSY);
        list.erase(found);
        return Change::made;
    }
};

}  // namespace san::test
