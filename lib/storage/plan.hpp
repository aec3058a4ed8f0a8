// SPDX-License-Identifier: GPL-2.0-or-later
// Changes to a configfs tree, thought out before the first is made.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bounded.hpp"
#include "base/change.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"
#include "kernel/configfs.hpp"

namespace san {

struct Step {
    enum class Act { make, link, write, unlink, remove };

    /// What a refusal (EINVAL and the like) means, when the errno's own words would mislead.
    struct Refusal {
        Kind kind;
        std::string text;
        friend bool operator==(const Refusal&, const Refusal&) = default;
    };

    Act act;
    Configfs::Path at;
    std::string name;       ///< in the administrator's words: "portal 0.0.0.0:3260"
    std::string content{};  ///< the bytes to write, or the path a link points to
    bool secret = false;    ///< the content is never shown
    bool unseen = false;    ///< the content is too long to be shown
    /// A write goes without an attribute that this kernel or device lacks, a removal without a
    /// directory that others use.
    bool optional = false;
    std::string task{};  ///< what it does when that is more than its name: "closing its sessions"
    std::optional<Refusal> refusal{};

    std::string doing() const;  ///< "adding portal 0.0.0.0:3260"
    std::string done() const;   ///< "portal 0.0.0.0:3260 added"
    friend bool operator==(const Step&, const Step&) = default;
};

struct Plan {
    std::string subject;  ///< "target iqn.2026-01.org.example:disk1"
    std::vector<Step> steps{};
};

// Both run in a bounded child: opening a device, closing sessions and taking a LUN away can block
// in the kernel for ever. Each step made is one line in the log.

/// Runs the steps in order. When one fails, the directories and links made before it are taken
/// away again.
Change build(const Plan& plan, Configfs& configfs, Bounded& bounded, const Deadline& deadline);

// These make the plan in the child. To look at a directory is to wait for whoever removes something
// in it: after a removal that hangs, the next action would hang as well.
//
// Source  vfs_rmdir and vfs_unlink hold the directory's lock, configfs_dir_open takes it
//         (fs/namei.c, fs/configfs/dir.c, 6.1)

Change build(const std::string& subject, const std::function<Plan()>& observe, Configfs& configfs,
             Bounded& bounded, const Deadline& deadline);

/// Runs every step, whatever happens to the others. Steps that find nothing are fine. The nudge is
/// for one that takes long.
Change take_down(const std::string& subject, const std::function<Plan()>& observe,
                 Configfs& configfs, Bounded& bounded, const Deadline& deadline,
                 const Bounded::Nudge& nudge = {});

}  // namespace san
