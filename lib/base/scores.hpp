// SPDX-License-Identifier: GPL-2.0-or-later
// Promotion scores, as the cluster's scheduler reads them. The interface stands here so that
// System can carry it; the cluster layer implements it.
#pragma once

#include <optional>
#include <string>

#include "base/deadline.hpp"

namespace san {

class Scores {
public:
    virtual ~Scores() = default;

    /// Sets this node's score for promoting a resource, or removes it: without a score the
    /// scheduler does not promote, and demotes an instance it has promoted.
    ///
    /// Shape   instance is the resource id as the cluster passes it, without ":N"
    /// Errors  failed when the cluster could not be told before the deadline
    virtual void publish(const std::string& instance, const std::string& node,
                         std::optional<int> score, const Deadline& deadline) = 0;
};

}  // namespace san
