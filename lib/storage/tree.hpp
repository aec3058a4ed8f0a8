// SPDX-License-Identifier: GPL-2.0-or-later
// A configfs tree as it should be. Comparing it with what is found gives the steps that are missing
// (start) and the faults (monitor) from one declaration.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "storage/plan.hpp"

namespace san {

struct Entry {
    Step step;               ///< what brings it about
    Configfs::Path read_at;  ///< where it shows
    std::string reads{};     ///< what is read there then: a value, or where a link points to
    bool vital = true;       ///< without it, or with another value, an initiator would notice
};

/// What is there: the content of each entry by the path it shows at. Directories are empty text.
using Found = std::map<Configfs::Path, std::string>;

class Tree {
public:
    explicit Tree(std::string subject) : subject_{std::move(subject)} {}

    // Entries are made in the order in which they are added here.
    Entry& directory(const Configfs::Path& at, std::string name);
    Entry& link(const Configfs::Path& at, const Configfs::Path& target, std::string name);
    Entry& value(const Configfs::Path& at, std::string content, std::string name);

    const std::string& subject() const { return subject_; }

    Found observe(const Configfs& configfs) const;
    /// Pure: the steps for all entries that are not as wanted.
    Plan plan(const Found& found) const;
    /// A sentence for each vital entry that is not as wanted. Reads no others.
    std::vector<std::string> faults(const Configfs& configfs) const;

private:
    void read(const Entry& entry, const Configfs& configfs, Found& found) const;

    std::string subject_;
    std::vector<Entry> entries_{};
};

}  // namespace san
