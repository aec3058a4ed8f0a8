// SPDX-License-Identifier: GPL-2.0-or-later
// LVM: the logical volumes of one volume group, active on this node and no other.
//
// "running" means every volume that start has activated is active, has all its parts and the
// devices below them, and is not suspended.

#include "volume_group_agent.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class LVM final : public Volume_group_agent {
public:
    LVM()
        : Volume_group_agent{
              Name::lvm,
              {.name = "LVM",
               .brief = "Activates a volume group on one node",
               .text =
                   "Makes the logical volumes of a volume group usable where it is started. The "
                   "group must not be activated outside of the cluster: switch its automatic "
                   "activation off with vgchange --setautoactivation n. The same agent as "
                   "LVM-activate, with the same parameters.",
               .actions = {{.name = "start", .timeout = 30s},
                           {.name = "stop", .timeout = 30s},
                           {.name = "status", .timeout = 30s},
                           {.name = "monitor", .timeout = 30s, .interval = 10s},
                           {.name = "monitor", .timeout = 30s, .interval = 60s, .depth = 10}},
               .example = "primitive p_lvm ocf:san:LVM params volgrpname=vg_san \\\n"
                          "    op monitor interval=10s timeout=30s"}} {}
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<LVM>(); }
