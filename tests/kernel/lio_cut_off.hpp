// SPDX-License-Identifier: GPL-2.0-or-later
// A kill after so many changes of configfs.
#pragma once

#include "kernel/lio_bench.hpp"

namespace san::test::lio_bench {

/// Lets so many changes through, then fails all, as a kill would.
class Cut_off final : public Configfs {
public:
    Cut_off(Configfs& below, int changes) : below_{below}, left_{changes} {}
    std::optional<std::string> find(const Path& at) const override { return below_.find(at); }
    bool has(const Path& at) const override { return below_.has(at); }
    std::optional<std::vector<std::string>> find_entries(const Path& at) const override {
        return below_.find_entries(at);
    }
    std::optional<Path> find_link(const Path& at) const override { return below_.find_link(at); }
    void write(const Path& at, std::string_view value) override {
        spend();
        below_.write(at, value);
    }
    Change make(const Path& at) override { return spend(), below_.make(at); }
    Change remove(const Path& at) override { return spend(), below_.remove(at); }
    Change link(const Path& at, const Path& to) override { return spend(), below_.link(at, to); }
    Change unlink(const Path& at) override { return spend(), below_.unlink(at); }

    struct Killed {};

private:
    // Not an Error, so that nothing is rolled back.
    void spend() {
        if (left_-- <= 0) throw Killed{};
    }
    Configfs& below_;
    int left_;
};

/// Whether `work` was cut off after so many changes.
inline bool killed(Bench& bench, int changes, const std::function<void(Configfs&)>& work) {
    Cut_off configfs{bench.configfs(), changes};
    try {
        work(configfs);
    } catch (const Cut_off::Killed&) {
        return true;
    }
    return false;
}

}  // namespace san::test::lio_bench
