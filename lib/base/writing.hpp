// SPDX-License-Identifier: GPL-2.0-or-later
// Text into descriptors, and out of memory that a child has written.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace san {

/// Writes all of it, in as many calls as that takes.
///
/// Errors  failed with errno, as "writing `what`"
void write_whole(const Fd& fd, std::string_view text, const std::string& what);

/// Memory that a child of this process writes and it reads.
class Shared_text {
public:
    /// Errors  failed when there is no memory to be had
    Shared_text();
    void write(std::string_view text) const;
    /// All that has been written so far.
    std::string read() const;

private:
    Fd fd_;
};

}  // namespace san
