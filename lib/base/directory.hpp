// SPDX-License-Identifier: GPL-2.0-or-later
// What is inside a directory, with the fewest system calls that tell it: monitors look into many.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace san {

struct Directory_entry {
    std::string name;
    bool holds_or_leads;  ///< a directory or a symbolic link
};

struct Listing {
    std::vector<Directory_entry> entries{};  ///< by name
    int errnum = 0;  ///< what kept it from being read, or from being read to its end; 0 is nothing
};

/// The names alone, and those that were read before anything kept it from going on.
std::vector<std::string> names(Listing listing);

/// Without "." and "..".
///
/// Source  readdir(3), whose d_type some file systems leave open: lstat(2) then
Listing list(const std::filesystem::path& directory);

}  // namespace san
