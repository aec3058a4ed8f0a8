// SPDX-License-Identifier: GPL-2.0-or-later
// The promotion score that the cluster was told last, so that a monitor need not tell it again.
#pragma once

#include <filesystem>
#include <optional>

#include "kernel/files.hpp"
#include "ocf/environment.hpp"

namespace san::ocf {

/// A note in the directory of the agents' state. It counts for a minute, and for the cluster's
/// executor that it was written under: whoever else removes a score, or loses it, loses it for that
/// long at most.
class Told_score {
public:
    Told_score(const Environment& environment, const Files& files);

    /// Whether this score, or none, was told lately.
    bool is(std::optional<int> score) const;
    /// Failing to write it down is no failure.
    void note(std::optional<int> score) const;

private:
    const Files* files_;
    std::filesystem::path path_;
};

}  // namespace san::ocf
