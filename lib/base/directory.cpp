// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>
#include <utility>

namespace san {

namespace {

bool holds_or_leads(const dirent& entry, const std::filesystem::path& directory) {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR || entry.d_type == DT_LNK;
    struct stat info {};
    return ::lstat((directory / entry.d_name).c_str(), &info) == 0 &&
           (S_ISDIR(info.st_mode) || S_ISLNK(info.st_mode));
}

struct Closer {
    void operator()(DIR* stream) const { ::closedir(stream); }
};

}  // namespace

Listing list(const std::filesystem::path& directory) {
    const std::unique_ptr<DIR, Closer> stream{::opendir(directory.c_str())};
    if (!stream) return {.errnum = errno};
    Listing found;
    for (;;) {
        errno = 0;
        const auto* entry = ::readdir(stream.get());
        if (entry == nullptr) break;
        const std::string_view name{entry->d_name};
        if (name != "." && name != "..")
            found.entries.push_back({std::string{name}, holds_or_leads(*entry, directory)});
    }
    found.errnum = errno;
    std::sort(found.entries.begin(), found.entries.end(),
              [](const auto& one, const auto& other) { return one.name < other.name; });
    return found;
}

std::vector<std::string> names(Listing listing) {
    std::vector<std::string> found;
    for (auto& entry : listing.entries) found.push_back(std::move(entry.name));
    return found;
}

}  // namespace san
