// SPDX-License-Identifier: GPL-2.0-or-later
// What start leaves for later actions: which volumes it made active, and what it set in LVM's
// metadata. Only the kernel and the metadata say what is true; this says what is missing in the
// one, and what is ours to take back from the other.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernel/files.hpp"
#include "storage/volume_group.hpp"

namespace san::volume_group {

/// The volumes that a resource has made active: one file for each resource.
class Expected {
public:
    Expected(const Files& files, std::filesystem::path file)
        : files_{&files}, file_{std::move(file)} {}

    /// To be called before the first one is activated: until the volumes are noted, a start that
    /// was killed may have left some out.
    void begin() const;
    bool is_unfinished() const;
    /// Whether anything was noted since the node booted.
    bool is_there() const;
    /// Notes the volumes of a group.
    void note(const Vg_name& group, const Members& volumes) const;
    void forget() const;

    /// Names of noted volumes that are not among those, and have not been removed from the group
    /// since. None when nothing was noted.
    ///
    /// Source  /etc/lvm/backup, which every LVM command that changes a group writes anew
    ///         (vgcfgbackup(8)). A volume that was in there when it was noted and is no more has
    ///         been removed; one that never was may not be looked up there.
    std::vector<std::string> missing(const Vg_name& group, const Members& members) const;

private:
    const Files* files_;
    std::filesystem::path file_;
};

/// What start has set in a group's metadata, for all resources of the group on this node.
struct Claim {
    std::optional<std::string> tag{};
    std::optional<std::string> system_id{};
};

class Claims {
public:
    Claims(const Files& files, std::filesystem::path file)
        : files_{&files}, file_{std::move(file)} {}

    Claim read() const;
    /// To be called before what it says is done: a kill in between loses nothing.
    void note(const Claim& claim) const;
    /// Whether there is anything to forget, be it a note that was never finished.
    bool is_there() const;
    void forget() const;

private:
    const Files* files_;
    std::filesystem::path file_;
};

}  // namespace san::volume_group
