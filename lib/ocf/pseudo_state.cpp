// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/pseudo_state.hpp"

#include <algorithm>

namespace san::ocf {

Pseudo_state::Pseudo_state(const Environment& environment, const Files& files, std::string name)
    : files_{&files} {
    std::replace(name.begin(), name.end(), '/', '_');
    path_ = environment.find("HA_RSCTMP").value_or("/run/resource-agents");
    path_ /= name;
}

}  // namespace san::ocf
