// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/networks.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sched.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace san {

namespace {

class Named_networks final : public Networks {
public:
    bool enter(const std::string& name) override {
        // Where iproute2 binds them, see ip-netns(8).
        const auto path = "/run/netns/" + name;
        const auto network = Fd::adopt(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!network && errno == ENOENT) return false;
        if (!network) throw system_error("opening network namespace " + name, errno);
        if (::setns(network.raw(), CLONE_NEWNET) == 0) return true;
        // What is left there when the namespace's own mount has gone is a plain file.
        if (errno == EINVAL) return false;
        throw system_error("entering network namespace " + name, errno);
    }
};

}  // namespace

std::unique_ptr<Networks> make_networks() { return std::make_unique<Named_networks>(); }

}  // namespace san
