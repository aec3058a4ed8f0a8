// SPDX-License-Identifier: GPL-2.0-or-later
// One message of DRBD's to people: what its handler was called for, put into words.
#pragma once

#include <string>
#include <vector>

#include "base/process.hpp"
#include "storage/replica.hpp"
#include "storage/replica_event.hpp"

namespace san {

struct Replica_notice {
    using Variables = san::Variables;
    struct Volume {
        std::string number;
        std::string minor;
        std::string disk;  ///< the backing device, where it is known
        friend bool operator==(const Volume&, const Volume&) = default;
    };

    const Replica_event* event;
    Replica_name resource;
    std::vector<Volume> volumes{};
    std::string peer{};           ///< its name, else its number or address; empty when unknown
    std::string connection{};     ///< the state of the connection, where DRBD tells it
    std::string configuration{};  ///< the file

    /// From the environment that the kernel and drbdadm give a handler.
    ///
    /// Source  drbd_nl.c (drbd_khelper, drbd_maybe_khelper, conn_khelper) and drbd-utils'
    ///         drbdadm_main.c (adm_khelper), of 8.4 and 9: one device, or lists; 9 numbers its
    ///         peers and does not say which of the names is meant
    /// Errors  misconfigured when there is no resource in it
    static Replica_notice parse(const Replica_event& event, const Variables& variables);

    /// "split-brain with bob": short, for the attribute that crm_mon shows.
    std::string alarm() const;
    std::string log_line() const;
    std::string subject(const std::string& host) const;
    /// The whole letter. The picture is what DRBD's state was afterwards.
    std::string letter(const std::string& host, const std::string& when,
                       const std::string& picture) const;

private:
    /// "r0", or "r0 volume 0 (drbd0)".
    std::string place() const;
    std::string filled(std::string_view text, const std::string& host) const;
};

}  // namespace san
