// SPDX-License-Identifier: GPL-2.0-or-later
// The reload of a target, as others on the node meet it. What belongs to its logical units may be
// gone for a moment (6.1: the kernel forgets initiators with the portal group only), and the
// cluster goes on monitoring those units meanwhile.
#pragma once

#include <filesystem>

#include "base/bounded.hpp"
#include "base/deadline.hpp"
#include "base/fd.hpp"
#include "kernel/files.hpp"
#include "storage/names.hpp"

namespace san {

class Target_reload {
public:
    /// `state`: the agents' directory for what a boot forgets.
    Target_reload(const Files& files, const std::filesystem::path& state, const Iscsi_name& target)
        : files_{&files}, mark_{state / ("san-reload-" + target.to_text())} {}

    /// Goes on until the result is gone, or its process. Errors: failed
    Fd begin() const;
    /// Waits for the end of one that goes on. Errors: failed, Abandoned at the deadline
    void await_end(Bounded& bounded, const Deadline& deadline) const;
    /// There will be none any more.
    void forget() const;

private:
    const Files* files_;
    std::filesystem::path mark_;
};

}  // namespace san
