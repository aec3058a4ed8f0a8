// SPDX-License-Identifier: GPL-2.0-or-later
// LVM-activate: a volume group, or one volume of it, active on this node under one of LVM's kinds
// of protection.
//
// "running" means every volume that start has activated is active, has all its parts and the
// devices below them, and is not suspended.

#include "volume_group_agent.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class LVM_activate final : public Volume_group_agent {
public:
    LVM_activate()
        : Volume_group_agent{
              Name::lvm_activate,
              {.name = "LVM-activate",
               .brief = "Activates a volume group, or one volume of it, on one node",
               .text = "Makes logical volumes usable where it is started, after it has made this "
                       "node the owner of their group. The group must not be activated outside of "
                       "the cluster: switch its automatic activation off with vgchange "
                       "--setautoactivation n. The same agent as LVM, with the same parameters.",
               .actions = {{.name = "start", .timeout = 90s},
                           {.name = "stop", .timeout = 90s},
                           {.name = "monitor", .timeout = 90s, .interval = 30s},
                           {.name = "monitor", .timeout = 90s, .interval = 60s, .depth = 10}},
               .example = "primitive p_lvm ocf:san:LVM-activate \\\n"
                          "    params vgname=vg_san vg_access_mode=system_id \\\n"
                          "    op monitor interval=30s timeout=90s"}} {}
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<LVM_activate>(); }
