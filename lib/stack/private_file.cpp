// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/private_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

#include "base/error.hpp"
#include "base/writing.hpp"

namespace san::stack {

Private_file::Private_file(std::string_view content) : path_{"/tmp/san-cib-XXXXXX"} {
    // mkstemp(3): a new file, for nobody but its owner.
    const auto fd = Fd::adopt(::mkstemp(path_.data()));
    if (!fd) throw system_error("making " + path_, errno);
    try {
        write_whole(fd, content, path_);
    } catch (...) {
        ::unlink(path_.c_str());
        throw;
    }
}

Private_file::~Private_file() { ::unlink(path_.c_str()); }

}  // namespace san::stack
