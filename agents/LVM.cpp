// SPDX-License-Identifier: GPL-2.0-or-later
// LVM: the logical volumes of one volume group, active on this node.
//
// "running" means every active volume of the group has a table and all devices below it.

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/mapper.hpp"
#include "ocf/agent.hpp"
#include "storage/volume_group.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

class LVM final : public ocf::Agent {
    ocf::Parameter<Vg_name> group{*this,
                                  {.name = "volgrpname",
                                   .brief = "Volume group name",
                                   .text = "The name of the volume group.",
                                   .required = true,
                                   .unique = true}};

public:
    LVM()
        : ocf::Agent{{
              .name = "LVM",
              .brief = "Activates a volume group on one node",
              .text = "Makes the logical volumes of a volume group usable where it is started. The "
                      "group must not be activated outside of the cluster: switch its automatic "
                      "activation off with vgchange --setautoactivation n.",
              .actions = {{.name = "start", .timeout = 30s},
                          {.name = "stop", .timeout = 30s},
                          {.name = "status", .timeout = 30s},
                          {.name = "monitor", .timeout = 30s, .interval = 10s}},
              .example = "primitive p_lvm ocf:san:LVM params volgrpname=vg_san \\\n"
                         "    op monitor interval=10s timeout=30s",
          }} {}

    void check(System& node) const override {
        for (const auto* tool : {"vgs", "vgchange"})
            if (!node.commands.has(tool))
                throw Error{Kind::not_installed, std::string{tool} + " is not installed (lvm2)"};
    }

    Change start(System& node) override {
        // Also when some volumes are active: a start that was killed may have left others out.
        return volume_group::activate(node, group(), deadline());
    }

    Change stop(System& node) override {
        return volume_group::deactivate(node, group(), deadline());
    }

    ocf::State monitor(System& node) override {
        const auto volumes = volume_group::members(node.mapper.devices(), group());
        if (volumes.empty()) return ocf::State::stopped;
        const auto faults = volume_group::faults(volumes, node.files);
        if (!faults.empty())
            throw Error{Kind::failed,
                        "volume group " + group().to_text() + ": " + text::joined(faults, ", ")};
        return ocf::State::running;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<LVM>(); }
