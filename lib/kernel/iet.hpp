// SPDX-License-Identifier: GPL-2.0-or-later
// IET, the iSCSI Enterprise Target: a module that shows what it has in /proc/net/iet, and ietd,
// which is asked by ietadm. The module drops all of it when ietd ends (release() in
// kernel/config.c, 1.4.20.2), so that what the module shows is all there is.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/iet_accounts.hpp"

namespace san::iet {

/// What ietadm(8) is given, without a secret.
struct Request {
    std::vector<std::string> words;
    friend bool operator==(const Request&, const Request&) = default;
};

struct Answer {
    int errnum = 0;      ///< 0: done
    std::string text{};  ///< what ietadm printed, or complained about
    bool ok() const { return errnum == 0; }
};

class Control {
public:
    virtual ~Control() = default;

    /// /proc/net/iet/volume; nothing when the module is not loaded.
    ///
    /// Errors  failed at the deadline: readers wait for whoever removes a target
    virtual std::optional<std::string> volumes(const Deadline& deadline) = 0;
    /// /proc/net/iet/session, as volumes.
    virtual std::optional<std::string> sessions(const Deadline& deadline) = 0;

    /// Asks through ietadm, which was installed with its ietd.
    ///
    /// Errors  not_installed when it is missing; failed when it does not end in time: whether ietd
    ///         has done, or will do, what was asked is then unknown
    virtual Answer ask(const Request& request, const Deadline& deadline) = 0;

    /// Asks ietd itself, because ietadm takes a password on its command line only.
    ///
    /// Errors  not_installed for a version whose socket we do not speak; failed when nobody
    ///         answers, as above
    virtual Account_answer ask(const Account_request& request, const Deadline& deadline) = 0;
    /// Whether accounts can be asked for.
    virtual bool speaks_of_accounts() = 0;
};

/// Where ietd listens: a name without a file.
///
/// Source  IETADM_NAMESPACE in usr/ietadm.h, 0.4.14 to 1.4.20.2
inline constexpr auto ietd_socket = "IET_ABSTRACT_NAMESPACE";

/// Below `root` as seen from /, with the programs of `commands`.
std::unique_ptr<Control> make_control(Commands& commands, std::filesystem::path root = "/",
                                      std::string socket = ietd_socket);

}  // namespace san::iet
