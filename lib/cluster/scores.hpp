// SPDX-License-Identifier: GPL-2.0-or-later
// Promotion scores as transient node attributes "master-<resource>", kept by pacemaker-attrd.
#pragma once

#include "base/command.hpp"
#include "base/scores.hpp"

namespace san::cluster {

/// In this process through libsan-cluster.so, loaded at the first call; through attrd_updater(8)
/// when the library, or a symbol of Pacemaker's it needs, is not there.
class Attribute_scores final : public Scores {
public:
    explicit Attribute_scores(Commands& commands) : commands_{&commands} {}

    void publish(const std::string& instance, const std::string& node, std::optional<int> score,
                 const Deadline& deadline) override;

private:
    Commands* commands_;
};

}  // namespace san::cluster
