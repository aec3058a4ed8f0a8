// SPDX-License-Identifier: GPL-2.0-or-later
// Watchers that work when the test says so.
#pragma once

#include <map>

#include "kernel/watchers.hpp"

namespace san::test {

class Fake_watchers final : public Watchers {
public:
    bool is_watched(const Path& lock) const override { return watches.contains(lock); }
    void start(const Watch& watch) override {
        if (!watches.emplace(watch.lock, watch).second) return;
        ++started;
        watch.work();
    }
    void end(const Path& lock, const Deadline&) override { watches.erase(lock); }

    /// As if every watched file had been written.
    void wake() {
        for (const auto& [lock, watch] : watches) watch.work();
    }

    std::map<Path, Watch> watches{};
    int started = 0;
};

}  // namespace san::test
