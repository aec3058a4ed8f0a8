// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/pseudo_state.hpp"

#include <utility>

namespace san::ocf {

Pseudo_state::Pseudo_state(const Environment& environment, const Files& files, std::string name)
    : files_{&files}, path_{environment.state_file(std::move(name))} {}

}  // namespace san::ocf
