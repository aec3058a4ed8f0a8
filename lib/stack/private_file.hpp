// SPDX-License-Identifier: GPL-2.0-or-later
// A file that only root can read and that ends with its object: a CIB has secrets in it, and
// Pacemaker's tools take one by its name.
#pragma once

#include <string>
#include <string_view>

namespace san::stack {

class Private_file {
public:
    /// Errors  failed
    explicit Private_file(std::string_view content);
    ~Private_file();
    Private_file(const Private_file&) = delete;
    Private_file& operator=(const Private_file&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace san::stack
