// SPDX-License-Identifier: GPL-2.0-or-later
// Who wants a door closed and who wants it open, since when.
//
// The kernel says whether ports are closed, not for whom: of two resources that closed the same
// door one may stop, and an open door does not tell that a resource has been started. So each
// leaves a file, in the directory that a boot empties. The door itself is never judged by them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/change.hpp"
#include "kernel/files.hpp"

namespace san {

enum class Claim {
    block,    ///< a resource has closed the door
    unblock,  ///< a resource has opened it
    closing,  ///< a resource that had opened it was stopped, and closed it
};

class Port_claims {
public:
    /// `directory` holds those of all doors, `door` is its key.
    Port_claims(const Files& files, const std::filesystem::path& directory,
                const std::string& door);

    /// Makes it anew when it was there. Change: none then. Errors: failed; of all changes
    Change make(Claim claim, const std::string& owner);
    Change withdraw(Claim claim, const std::string& owner);
    void withdraw_all(Claim claim);

    bool has(Claim claim, const std::string& owner) const;
    /// Whether any other claim of the kind was made after this one.
    bool has_newer(Claim kind, Claim claim, const std::string& owner) const;
    /// Whether more resources have closed the door than have opened it, `owner` left out.
    bool is_closed_by_others(const std::string& owner) const;

private:
    struct Entry {
        Claim claim;
        std::string owner;
        std::uint64_t since;  ///< nanoseconds of CLOCK_BOOTTIME, which no change of date moves
    };
    std::vector<Entry> all() const;
    std::filesystem::path path(Claim claim, const std::string& owner) const;

    const Files* files_;
    std::filesystem::path directory_;
};

}  // namespace san
