// SPDX-License-Identifier: GPL-2.0-or-later
// What one node says about itself: its files and the tools on it. Nothing is changed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "stack/facts.hpp"

namespace san::stack {

struct Survey {
    std::string node{};
    /// Below which files are read; tools that read this machine are run only with "/".
    std::filesystem::path root{"/"};
    /// Files with secrets that the cluster's configuration names.
    std::vector<std::string> secrets{};
};

/// What could not be read is in `gaps`. What is not installed is none.
Node_facts survey(const Survey& wanted, Commands& commands, const Deadline& deadline);

/// A text without its comments and empty lines, so that two of them can be compared.
std::string without_comments(const std::string& text);

}  // namespace san::stack
