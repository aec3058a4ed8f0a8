// SPDX-License-Identifier: GPL-2.0-or-later
// What LVM and LVM-activate are: the same agent with the same parameters, under the names, and with
// the required parameters, of the two agents that clusters use.
#pragma once

#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/mapper.hpp"
#include "ocf/agent.hpp"
#include "storage/volume_access.hpp"
#include "storage/volume_activation.hpp"
#include "storage/volume_group.hpp"
#include "storage/volume_health.hpp"
#include "storage/volume_record.hpp"

namespace san {

/// "exclusive" or "shared".
struct Activation_mode {
    static Activation_mode parse(std::string_view text) {
        if (text != "exclusive" && text != "shared")
            throw Error{Kind::misconfigured, "expected exclusive or shared"};
        return {text == "shared"};
    }
    bool is_shared = false;
};

class Volume_group_agent : public ocf::Agent {
public:
    enum class Name { lvm, lvm_activate };

protected:
    Volume_group_agent(Name name, ocf::Description description)
        : Agent{std::move(description)}, name_{name} {}

private:
    /// Which parameters are required goes with the name.
    bool is_activate() const { return name_ == Name::lvm_activate; }
    std::optional<std::string> unless_required(bool required) const {
        if (required) return {};
        return "";
    }

    Name name_;

    ocf::Parameter<std::optional<Vg_name>> volgrpname{
        *this,
        {.name = "volgrpname",
         .brief = "Volume group name",
         .text = "The name of the volume group, as ocf:heartbeat:LVM calls it. Either this or "
                 "vgname is needed.",
         .unique = true,
         .fallback = ""}};
    ocf::Parameter<std::optional<Vg_name>> vgname{
        *this,
        {.name = "vgname",
         .brief = "Volume group name",
         .text = "The name of the volume group, as ocf:heartbeat:LVM-activate calls it. Several "
                 "resources may have volumes of one group.",
         .required = is_activate(),
         .fallback = unless_required(is_activate())}};
    ocf::Parameter<std::optional<Lv_name>> lvname{
        *this,
        {.name = "lvname",
         .brief = "Logical volume name",
         .text = "Only this volume of the group, and what it lies on. Without it, all of them.",
         .fallback = ""}};
    ocf::Parameter<std::optional<volume_group::Access>> vg_access_mode{
        *this,
        {.name = "vg_access_mode",
         .brief = "What keeps other nodes away: system_id, tagging, lvmlockd or none",
         .text =
             "system_id: LVM lets one host have the group; one that belongs to another node of "
             "the cluster is taken over, one of a stranger is not. tagging: the group gets a "
             "tag before it is activated. lvmlockd: a lock of the cluster's lock manager. none: "
             "only the cluster. In LVM the default follows from exclusive.",
         .required = is_activate(),
         .fallback = unless_required(is_activate())}};
    ocf::Parameter<bool> exclusive{
        *this,
        {.name = "exclusive",
         .brief = "Tag the group",
         .text = "The same as vg_access_mode=tagging, where that is not set.",
         .fallback = "false"}};
    ocf::Parameter<Activation_mode> activation_mode{
        *this,
        {.name = "activation_mode",
         .brief = "exclusive or shared, with lvmlockd",
         .text = "Whether several nodes may have the volumes active at once: with lvmlockd, and "
                 "for file systems or databases that are made for it.",
         .fallback = "exclusive"}};
    ocf::Parameter<volume_group::Tag> tag{
        *this,
        {.name = "tag",
         .brief = "Tag for tagging",
         .text = "With tagging, start gives the group this tag, and stop takes it away if start "
                 "gave it. A group that has only other tags is refused.",
         .fallback = "pacemaker"}};
    ocf::Parameter<bool> partial_activation{
        *this,
        {.name = "partial_activation",
         .brief = "Activate what is there when physical volumes are missing",
         .text = "Volumes that miss some of their data are activated as well, and answer with "
                 "errors where it is missing. Monitor accepts them.",
         .fallback = "false"}};
    ocf::Parameter<bool> degraded_activation{
        *this,
        {.name = "degraded_activation",
         .brief = "Activate raids that miss physical volumes",
         .text = "Raids that can do without what is missing are activated, and nothing else that "
                 "misses anything.",
         .fallback = "false"}};
    ocf::Parameter<bool> majority_pvs{
        *this,
        {.name = "majority_pvs",
         .brief = "Take a group over with most of its physical volumes",
         .text = "With system_id, the owner is changed when more than half of the physical volumes "
                 "are there.",
         .fallback = "false"}};
    ocf::Parameter<bool> wait_for_udev{
        *this,
        {.name = "wait_for_udev",
         .brief = "Let udev finish before stop",
         .text = "udev and what it starts open volumes for a moment. With this, stop waits until "
                 "they have nothing left to do, before it takes the first volume away.",
         .fallback = "false"}};

public:
    void check(System& node) const override {
        static_cast<void>(subject());
        if (access() == volume_group::Access::Mode::tagging && environment().meta("clone_max"))
            throw Error{Kind::misconfigured,
                        "clone-max: expected no clone, a group with a tag is on one node"};
        for (const auto* tool : {"pvs", "vgchange"})
            if (!node.commands.has(tool))
                throw Error{Kind::not_installed, std::string{tool} + " is not installed (lvm2)"};
    }

    Change start(System& node) override {
        const auto wish = this->wish();
        // Another resource of the group may be about to take back what this one is to find.
        const auto lock = node.files.lock(place());
        const auto group = lvm::find_group(node.commands, wish.subject.group, deadline());
        if (!group)
            throw volume_group::unseen(volgrpname() ? "volgrpname" : "vgname", wish.subject,
                                       node.commands, deadline());
        const bool is_active = !volume_group::members(node.mapper, wish.subject.group).empty();
        volume_group::check(wish, *group, is_active, node.commands, deadline());

        const bool is_new = found(node).empty();
        if (is_new) expected(node).begin();
        auto change = volume_group::claim(wish, *group, claims(node), node.commands, deadline());
        change |= volume_group::activate(node, wish, deadline());
        expected(node).note(wish.subject.group, volume_group::tops(found(node)));
        return change;
    }

    Change stop(System& node) override {
        const auto what = subject();
        if (wait_for_udev()) settle(node);
        auto change = volume_group::deactivate(node, what, deadline());
        expected(node).forget();
        // It cannot be in the way of another node: whoever takes over would find it as after the
        // loss of this one.
        try {
            change |= let_go(node, what);
        } catch (const Abandoned&) {
            throw;
        } catch (const Error& problem) {
            log::warning(problem.what());
        }
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto what = subject();
        const auto all = volume_group::members(node.mapper, what.group);
        const auto mine = volume_group::of(what, all);
        if (mine.empty()) return ocf::State::stopped;
        if (expected(node).is_unfinished())
            throw Error{Kind::failed, what.to_text() + " was not completely started"};
        auto problems = volume_group::faults(
            all, mine, node.files, node.mapper,
            {.missing_parts = partial_activation(), .lost_snapshots = !what.volume});
        for (const auto& name : expected(node).missing(what.group, all))
            problems.push_back(name + " is not active");
        if (!problems.empty())
            throw Error{Kind::failed, what.to_text() + ": " + text::joined(problems, ", ")};
        // Another agent has started it, and this one was given it (san-migrate): what it finds is
        // what has to stay.
        if (is_probe() && !expected(node).is_there())
            expected(node).note(what.group, volume_group::tops(mine));
        if (check_level() >= 10) read(node, mine, !what.volume);
        return ocf::State::running;
    }

private:
    volume_group::Subject subject() const {
        const auto& first = volgrpname();
        const auto& second = vgname();
        if (first && second && !(*first == *second))
            throw Error{Kind::misconfigured, "vgname=" + text::quoted(second->to_text()) +
                                                 ": expected the same as volgrpname, " +
                                                 first->to_text()};
        if (!first && !second)
            throw Error{Kind::misconfigured,
                        "volgrpname=\"\": expected a value (Volume group name)"};
        return {.group = first ? *first : *second, .volume = lvname()};
    }

    volume_group::Access access() const {
        if (const auto& mode = vg_access_mode()) return *mode;
        return exclusive() ? volume_group::Access::Mode::tagging : volume_group::Access::Mode::none;
    }

    volume_group::Wish wish() const {
        return {.subject = subject(),
                .access = access(),
                .tag = tag().to_text(),
                .shared = activation_mode().is_shared,
                .partial = partial_activation(),
                .degraded = degraded_activation(),
                .majority = majority_pvs()};
    }

    volume_group::Members found(System& node) const {
        const auto what = subject();
        return volume_group::of(what, volume_group::members(node.mapper, what.group));
    }

    /// For all resources of the group.
    std::filesystem::path place() const {
        return environment().state_directory() / "san-lvm" / subject().group.to_text();
    }
    volume_group::Claims claims(System& node) const { return {node.files, place() / "claim"}; }
    volume_group::Expected expected(System& node) const {
        return {node.files, environment().state_file("san-volumes-" + instance())};
    }

    /// Takes the claim back when the last volume of the group has gone. In a child, because the
    /// resource that has the lock may hang.
    Change let_go(System& node, const volume_group::Subject& what) const {
        const bool by_lock = vg_access_mode() == volume_group::Access::Mode::lvmlockd;
        if (!by_lock && !claims(node).is_there()) return Change::none;
        return node.bounded.run(deadline(), [&](const Bounded::Progress& progress) {
            progress("other resources of " + what.group.to_text());
            const auto lock = node.files.lock(place());
            if (!volume_group::members(node.mapper, what.group).empty()) return Change::none;
            progress("LVM to give " + what.group.to_text() + " back");
            if (by_lock)
                node.commands.must({"vgchange", "--lockstop", what.group.to_text()}, deadline());
            return volume_group::give_back(what, claims(node), node.commands, deadline());
        });
    }

    void settle(System& node) const {
        const auto part = deadline().within(deadline().left() / 2);
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(part.left()).count();
        try {
            const auto outcome = node.commands.run(
                {"udevadm", "settle", "--timeout=" + std::to_string(seconds)}, part);
            if (!outcome.ok()) log::warning("udevadm settle: ", outcome.complaint());
        } catch (const Error& problem) {
            log::warning(problem.what());
        }
    }

    /// The first sectors of every volume that users see, past the page cache.
    void read(System& node, const volume_group::Members& mine, bool skip_snapshots) const {
        node.bounded.run(deadline(), [&](const Bounded::Progress& progress) {
            for (const auto& device : volume_group::tops(mine)) {
                if (skip_snapshots && !device.table.empty() &&
                    device.table.front().type == "snapshot")
                    continue;
                progress("a read of " + device.name);
                node.files.read_directly("/dev/dm-" + std::to_string(device.number.minor));
            }
            return Change::none;
        });
    }
};

}  // namespace san
