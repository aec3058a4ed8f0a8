// SPDX-License-Identifier: GPL-2.0-or-later
// Residents that work where they are started, until the fake has nothing left that could happen.
#pragma once

#include <set>

#include "kernel/residents.hpp"
#include "support/fake_drbd.hpp"

namespace san::test {

class Fake_residents final : public Residents {
public:
    bool is_there(const Path& lock) const override { return alive.contains(lock); }
    void start(const Path& lock, const std::function<void()>& work, const Deadline&) override {
        if (!alive.insert(lock).second) return;
        ++started;
        try {
            work();
        } catch (const Nothing_happens&) {
            // It would go on waiting.
        }
    }
    void end(const Path& lock, const Deadline&) override { alive.erase(lock); }

    std::set<Path> alive{};
    int started = 0;
};

}  // namespace san::test
