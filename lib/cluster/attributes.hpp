// SPDX-License-Identifier: GPL-2.0-or-later
// Transient node attributes, kept by pacemaker-attrd.
#pragma once

#include "base/command.hpp"
#include "base/node_attributes.hpp"

namespace san::cluster {

/// In this process through libsan-cluster.so, loaded at the first call; through attrd_updater(8)
/// when the library, or a symbol of Pacemaker's it needs, is not there.
class Attrd_attributes final : public Node_attributes {
public:
    explicit Attrd_attributes(Commands& commands) : commands_{&commands} {}

    void set(const Node_attribute& attribute, const Deadline& deadline) override;

private:
    Commands* commands_;
};

}  // namespace san::cluster
