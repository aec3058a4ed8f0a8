// SPDX-License-Identifier: GPL-2.0-or-later
// For resources that leave no trace in the kernel: a file says whether they have been started.
#pragma once

#include <filesystem>
#include <string>

#include "base/change.hpp"
#include "kernel/files.hpp"
#include "ocf/environment.hpp"

namespace san::ocf {

/// A file in the directory that the shell agents use, which a boot empties; with their names, so
/// that one finds what the other has started.
class Pseudo_state {
public:
    /// A name with a slash gets an underscore for it.
    Pseudo_state(const Environment& environment, const Files& files, std::string name);

    bool is_set() const { return files_->exists(path_); }
    Change set() { return files_->touch(path_); }
    Change clear() { return files_->remove(path_); }

private:
    const Files* files_;
    std::filesystem::path path_;
};

}  // namespace san::ocf
