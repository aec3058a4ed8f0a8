// SPDX-License-Identifier: GPL-2.0-or-later
// An initiator that asks a target of this node what others would hear from it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/deadline.hpp"
#include "base/ip.hpp"
#include "base/secret.hpp"

namespace san {

struct Login {
    /// A user, and the password of that user.
    struct Credentials {
        std::string user;
        Secret password;
    };
    Ip ip;
    std::uint16_t port = 0;
    std::string target{};
    std::string initiator{};
    std::optional<Credentials> incoming{};  ///< with which it shows who it is
    std::optional<Credentials> outgoing{};  ///< which the target has to know in turn
    std::optional<unsigned> lun{};          ///< the unit to ask; without one the target is asked
};

class Initiator {
public:
    virtual ~Initiator() = default;

    /// Whether a connection can be made, within half a second. To be asked about addresses of this
    /// node only, and when a login has failed: LIO logs connections without one.
    virtual bool reaches(const Ip& ip, std::uint16_t port) = 0;

    /// Logs in with a session of its own, asks for the unit's serial number, or for the list of
    /// units, and logs out. Returns the serial number; nothing when no unit was meant. Neither
    /// question touches a device, nor takes what the kernel keeps to tell the real initiator of
    /// that name (a unit attention).
    /// Errors  failed in libiscsi's words or with the SCSI status, and at the deadline;
    ///         not_installed when libiscsi cannot be loaded
    virtual std::optional<std::string> ask(const Login& login, const Deadline& deadline) = 0;
};

/// libsan-logins, with libiscsi, is loaded at the first login.
std::unique_ptr<Initiator> make_initiator();

}  // namespace san
