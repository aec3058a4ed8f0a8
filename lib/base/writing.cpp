// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/writing.hpp"

#include <array>
#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.hpp"

namespace san {

void write_whole(const Fd& fd, std::string_view text, const std::string& what) {
    while (!text.empty()) {
        const auto put = ::write(fd.raw(), text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw system_error("writing " + what, errno);
        text.remove_prefix(static_cast<std::size_t>(put));
    }
}

Shared_text::Shared_text() : fd_{Fd::adopt(::memfd_create("san-shared", MFD_CLOEXEC))} {
    if (!fd_) throw system_error("making a file in memory", errno);
}

void Shared_text::write(std::string_view text) const { write_whole(fd_, text, "to memory"); }

std::string Shared_text::read() const {
    std::string all;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto got =
            ::pread(fd_.raw(), buffer.data(), buffer.size(), static_cast<off_t>(all.size()));
        if (got <= 0) return all;
        all.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace san
