// SPDX-License-Identifier: GPL-2.0-or-later
// The real node: every interface of System with the kernel behind it.
#pragma once

#include <memory>
#include <string>

#include "base/node_attributes.hpp"
#include "kernel/system.hpp"

namespace san {

/// Nothing is opened before it is used: a monitor pays only for what it asks.
class Machine {
public:
    Machine(std::string node_name, Node_attributes& attributes);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    System& system();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
    System system_;
};

}  // namespace san
