// SPDX-License-Identifier: GPL-2.0-or-later
// Which node may have a volume group: what LVM's metadata says of its owner, and how a node becomes
// one.
//
//   tagging     a tag of the group, given before it is activated
//   system_id   the host that LVM lets activate it, lvmsystemid(7)
//   lvmlockd    a lock in a cluster's lock manager, lvmlockd(8)
//   none        nothing but the cluster
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/change.hpp"
#include "base/command.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"
#include "storage/lvm_report.hpp"
#include "storage/volume_group.hpp"
#include "storage/volume_record.hpp"

namespace san::volume_group {

class Access {
public:
    enum class Mode { none, tagging, system_id, lvmlockd };
    /// Errors  misconfigured
    static Access parse(std::string_view text);
    Access(Mode mode) : mode_{mode} {}  // NOLINT: a mode is all there is to it
    Mode mode() const { return mode_; }
    friend bool operator==(const Access&, const Access&) = default;

private:
    Mode mode_;
};

class Tag {
public:
    /// Source  "Tags" in lvm(8)
    /// Errors  misconfigured
    static Tag parse(std::string_view text);
    const std::string& to_text() const { return text_; }

private:
    explicit Tag(std::string text) : text_{std::move(text)} {}
    std::string text_;
};

/// How a resource wants to have its group.
struct Wish {
    Subject subject;
    Access access{Access::Mode::none};
    std::string tag{};
    bool shared = false;    ///< with lvmlockd: other nodes may have it as well
    bool partial = false;   ///< activate what is complete when physical volumes are missing
    bool degraded = false;  ///< activate raids that miss physical volumes
    bool majority = false;  ///< a change of the owner does with most of the physical volumes

    bool tolerates_missing() const { return partial || degraded || majority; }
};

/// Refuses what must not be activated, before anything is touched: a group that LVM sees twice, on
/// a replicated device and below it; one that is incomplete, exported, or under another kind of
/// protection; one that is active although this node does not own it.
///
/// Errors  wrong_on_this_node or failed; the reason has the line that lvm.conf needs
void check(const Wish& wish, const lvm::Group& group, bool is_active, Commands& commands,
           const Deadline& deadline);

/// Makes this node the owner, if it may be: of a group that nobody owns, or whose owner is another
/// node of the cluster, which is the cluster's to judge. What is new in the metadata is noted.
///
/// Errors  wrong_on_this_node when the owner is a stranger
Change claim(const Wish& wish, const lvm::Group& group, const Claims& claims, Commands& commands,
             const Deadline& deadline);

/// Takes back what a claim has noted, and nothing else.
Change give_back(const Subject& subject, const Claims& claims, Commands& commands,
                 const Deadline& deadline);

/// Why LVM does not see the group, as far as its settings tell.
Error unseen(std::string_view parameter, const Subject& subject, Commands& commands,
             const Deadline& deadline);

}  // namespace san::volume_group
