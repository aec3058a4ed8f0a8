// SPDX-License-Identifier: GPL-2.0-or-later
// A file that was not there before.
#pragma once

#include <filesystem>
#include <string_view>

namespace san::stack {

/// Makes a file with that content, and what is missing of its directories: whole and on the disk,
/// or not at all. Whatever has the name already stays as it is.
///
/// Errors  misconfigured when something has that name, failed else
/// Source  link(2) refuses a name that is taken, which rename(2) does not
void make_new_file(const std::filesystem::path& path, std::string_view content);

}  // namespace san::stack
