// SPDX-License-Identifier: GPL-2.0-or-later
// configfs with memory.
#pragma once

#include <map>
#include <set>

#include "base/error.hpp"
#include "kernel/configfs.hpp"

namespace san::test {

class Fake_configfs final : public Configfs {
public:
    std::optional<std::string> find(const Path&) const override { return {}; }
    std::optional<std::vector<std::string>> find_entries(const Path&) const override { return {}; }
    std::optional<Path> find_link(const Path&) const override { return {}; }
    void write(const Path&, std::string_view) override {}
    Change make(const Path&) override { return Change::none; }
    Change remove(const Path&) override { return Change::none; }
    Change link(const Path&, const Path&) override { return Change::none; }
    Change unlink(const Path&) override { return Change::none; }
};

}  // namespace san::test
