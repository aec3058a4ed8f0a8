// SPDX-License-Identifier: GPL-2.0-or-later
// What only drbdadm(8) does: bring a resource up as its configuration says.
#pragma once

#include <string>

#include "base/command.hpp"
#include "base/deadline.hpp"
#include "kernel/drbd.hpp"
#include "kernel/files.hpp"
#include "storage/replica_configuration.hpp"
#include "storage/replica_module.hpp"

namespace san::replica {

/// drbdadm for one resource. Everything fails with what it complained about.
class Tools {
public:
    Tools(std::string name, Configuration configuration, Commands& commands,
          const Deadline& deadline)
        : name_{std::move(name)},
          configuration_{std::move(configuration)},
          commands_{&commands},
          deadline_{deadline} {}

    /// With the options that the configuration wants, such as minor_count. Errors: not_installed
    void load_module() const;
    /// Makes, attaches and connects what is not. 8.4 can be configured for several peers, of which
    /// it connects to the one on the node `peer`; empty: the only one.
    void adjust(const Module_version& module, const std::string& peer) const;
    /// Makes and attaches what is not, without peers.
    void attach(const Module_version& module, drbd::Kernel& kernel) const;
    /// Marks the data of a resource that is down as older than that of another node. Data that is
    /// worse already stays what it is.
    void outdate() const;
    /// Whether two nodes may be Primary at once.
    bool allows_two_primaries() const;
    /// Calls the handler unfence-peer, with more arguments for it in the environment.
    void unfence(const std::string& arguments) const;

private:
    void must(std::vector<std::string> words) const;

    std::string name_;
    Configuration configuration_;
    Commands* commands_;
    Deadline deadline_;
};

}  // namespace san::replica
