// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_activation.hpp"

#include <algorithm>

#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/rollback.hpp"
#include "base/text.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"

namespace san::volume_group {

namespace {

using namespace std::chrono_literals;

// What is kept of a stop's time for finding out who has the volumes open.
constexpr std::chrono::milliseconds inquiry = 2s;

std::vector<std::string> command(const Subject& subject, std::vector<std::string> options) {
    std::vector<std::string> argv{subject.volume ? "lvchange" : "vgchange"};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back(subject.to_text());
    return argv;
}

std::vector<std::string> activation(const Wish& wish) {
    const bool by_lock = wish.access == Access::Mode::lvmlockd;
    std::vector<std::string> options{!by_lock ? "-ay" : wish.shared ? "-asy" : "-aey"};
    if (wish.degraded)
        options.insert(options.end(), {"--activationmode", "degraded"});
    else if (wish.partial)
        options.insert(options.end(), {"--activationmode", "partial"});
    // So that a volume_list in lvm.conf, which keeps the group from being activated by anybody
    // else, lets us.
    if (wish.access == Access::Mode::tagging)
        options.insert(options.end(),
                       {"--config", "activation/volume_list=[\"@" + wish.tag + "\"]"});
    return command(wish.subject, options);
}

Error nothing_active(System& node, const Wish& wish, const Deadline& deadline) {
    const auto name = wish.subject.to_text();
    const auto list = lvm::setting(node.commands, "activation/volume_list", deadline);
    if (!list.empty() && wish.access != Access::Mode::tagging)
        return Error{Kind::wrong_on_this_node, "volume_list in lvm.conf keeps " + name +
                                                   " inactive: add \"" +
                                                   wish.subject.group.to_text() + "\" to it"};
    return Error{Kind::failed, name + " has no logical volume that can be activated"};
}

Members left(System& node, const Subject& subject) {
    return of(subject, members(node.mapper, subject.group));
}

bool is_open(const Members& all, const Members& whose) {
    const auto top = tops(all);
    return std::any_of(whose.begin(), whose.end(), [&](const Mapped_device& device) {
        return device.open_count > 0 && std::find(top.begin(), top.end(), device) != top.end();
    });
}

/// Removes what nothing of the group lies on, until nothing more goes.
void remove_without_tools(System& node, const Subject& subject, const Deadline& deadline) {
    Best_effort failures;
    for (bool progress = true; progress && !deadline.expired();) {
        progress = false;
        failures = {};
        const auto all = members(node.mapper, subject.group);
        const auto mine = of(subject, all);
        for (const auto& device : tops(all)) {
            if (std::find(mine.begin(), mine.end(), device) == mine.end()) continue;
            failures.step([&] {
                // Removing a device can wait in the kernel; the node must not wait with it.
                node.bounded.run(deadline, [&](const Bounded::Progress& progressing) {
                    progressing("device-mapper to remove " + device.name);
                    return node.mapper.remove(device.name);
                });
                progress = true;
            });
        }
    }
    failures.done();
}

/// One attempt; what it has to complain about.
std::string attempt(System& node, const Subject& subject, const Deadline& deadline) {
    std::string complaint;
    try {
        // Half the time is kept for doing it without the tool.
        const auto outcome =
            node.commands.run(command(subject, {"-an"}), deadline.within(deadline.left() / 2));
        if (outcome.ok()) return {};
        complaint = outcome.complaint();
    } catch (const Error& problem) {
        complaint = problem.what();
    }
    const auto all = members(node.mapper, subject.group);
    if (const auto mine = of(subject, all); mine.empty() || is_open(all, mine)) return complaint;
    // Nobody has it open, and the tool failed all the same.
    log::warning(subject.to_text(), " was not deactivated: ", complaint);
    try {
        remove_without_tools(node, subject, deadline);
    } catch (const Error& problem) {
        complaint = problem.what();
    }
    return complaint;
}

/// "vg-lun1 in use by /srv, dd (process 533)", as a failure. In a child: what lists configfs may
/// hang.
[[noreturn]] void fail_naming_users(System& node, const Subject& subject, const Members& still,
                                    const std::string& complaint, const Deadline& deadline) {
    auto open = tops(still);
    std::erase_if(open, [](const Mapped_device& device) { return device.open_count == 0; });
    if (open.empty()) open = tops(still);
    std::vector<std::string> names;
    for (const auto& device : open) names.push_back(device.name);
    const auto what = text::joined(names.empty() ? std::vector{subject.to_text()} : names, ", ");
    try {
        node.bounded.run(deadline, [&](const Bounded::Progress& progress) -> Change {
            progress("an answer who has " + what + " open");
            const auto devices = as_devices(open);
            auto users = device_users::backstores(devices, node.files, node.configfs);
            if (const auto more = device_users::users(devices, node.files); !more.empty())
                users.push_back(more);
            throw Error{Kind::failed, users.empty()
                                          ? what + " is still there"
                                          : what + " in use by " + text::joined(users, ", ")};
        });
    } catch (Error& failure) {
        if (!complaint.empty()) failure.also(complaint);
        throw;
    }
    throw Error{Kind::failed, what + " is still there"};
}

}  // namespace

Change activate(System& node, const Wish& wish, const Deadline& deadline) {
    const auto before = left(node, wish.subject);
    try {
        node.commands.must(activation(wish), deadline);
    } catch (const Error&) {
        if (const auto& volume = wish.subject.volume;
            volume && !deadline.expired() &&
            !lvm::has_volume(node.commands, wish.subject.group, *volume, deadline))
            throw Error{Kind::wrong_on_this_node, "lvname=" + text::quoted(volume->to_text()) +
                                                      ": expected a volume of " +
                                                      wish.subject.group.to_text()};
        throw;
    }
    const auto after = left(node, wish.subject);
    if (after.empty()) throw nothing_active(node, wish, deadline);
    if (after.size() == before.size()) return Change::none;
    log::info(wish.subject.to_text(), ": ", tops(after).size(), " volumes active");
    return Change::made;
}

Change deactivate(System& node, const Subject& subject, const Deadline& deadline) {
    auto still = left(node, subject);
    if (still.empty()) return Change::none;
    const auto patience = deadline.before(std::min(inquiry, deadline.left() / 4));
    std::string complaint;
    // Who leaves before the first attempt need not be waited for, but one that leaves during it
    // must be seen.
    device_users::Departures departures{as_devices(still), node.files};
    for (;;) {
        complaint = attempt(node, subject, patience);
        still = left(node, subject);
        if (still.empty()) return Change::made;
        if (patience.expired()) break;
        departures.wait(patience, [&] {
            const auto all = members(node.mapper, subject.group);
            return !is_open(all, of(subject, all));
        });
        if (patience.expired()) break;
    }
    fail_naming_users(node, subject, still, complaint, deadline);
}

}  // namespace san::volume_group
