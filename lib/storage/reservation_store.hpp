// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster's copy of the reservations of logical units: a property set of ours in the
// configuration that Pacemaker replicates to every node, and keeps on their disks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "storage/names.hpp"

namespace san {

class Reservation_store {
public:
    static constexpr auto property_set = "san-reservations";

    explicit Reservation_store(Commands& commands) : commands_{commands} {}

    /// The property's name: an XML name that no two serial numbers share.
    static std::string property(const Scsi_serial& serial);

    struct Stored {
        bool clustered = false;  ///< false: there is no cluster on this node
        std::string line{};      ///< empty when nothing is stored
    };
    /// Errors  failed when there is a cluster that does not answer
    Stored find(const Scsi_serial& serial, const Deadline& deadline) const;

    /// Everything stored: lines by serial number, in their order. Names that property() does not
    /// make are left out.
    ///
    /// Errors  failed, not_installed
    std::map<std::string, std::string> all(const Deadline& deadline) const;

    /// Stores a line; an empty one removes what is there.
    ///
    /// Errors  failed, not_installed
    void put(const Scsi_serial& serial, const std::string& line, const Deadline& deadline) const;

private:
    std::vector<std::string> command(const Scsi_serial& serial) const;
    Commands& commands_;
};

}  // namespace san
