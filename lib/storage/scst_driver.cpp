// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_driver.hpp"

#include <map>
#include <poll.h>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "kernel/files.hpp"
#include "kernel/scst_queue.hpp"

namespace san::scst_driver {

namespace {

using namespace std::chrono_literals;

constexpr auto driver = "targets/iscsi";
constexpr auto reservations = "/var/lib/scst/pr";
constexpr auto look_again = 50ms;

void load_module(const std::string& module, System& node, const Deadline& deadline) {
    const auto outcome = node.commands.run({"modprobe", module}, deadline);
    if (!outcome.ok())
        throw Error{Kind::not_installed, "kernel module " + module + ": " + outcome.complaint()};
    log::info("kernel module ", module, " loaded");
}

void start_daemon(System& node, const Deadline& deadline) {
    // Where packages have it, else where SCST's own `make install` puts it.
    const std::string program =
        node.commands.has("iscsi-scstd") ? "iscsi-scstd" : "/usr/local/sbin/iscsi-scstd";
    const auto outcome = node.commands.run({program}, deadline);
    if (!outcome.ok()) throw Error{Kind::failed, program + ": " + outcome.complaint()};
    while (!is_open(node)) {
        if (deadline.left() <= look_again)
            throw Error{Kind::failed, "time is up while waiting for iscsi-scstd to come up"};
        ::poll(nullptr, 0, static_cast<int>(look_again.count()));
    }
    log::info("iscsi-scstd started");
}

}  // namespace

bool is_open(const System& node) { return node.scst.has("targets/iscsi/enabled"); }

void start(System& node, const Deadline& deadline) {
    if (!node.scst.has(driver)) load_module("iscsi-scst", node, deadline);
    if (!is_open(node)) start_daemon(node, deadline);
}

void load_handler(const std::string& handler, System& node, const Deadline& deadline) {
    static const std::map<std::string, std::string> modules{{"dev_cdrom", "scst_cdrom"},
                                                            {"dev_changer", "scst_changer"},
                                                            {"dev_disk", "scst_disk"},
                                                            {"dev_modisk", "scst_modisk"},
                                                            {"dev_processor", "scst_processor"},
                                                            {"dev_raid", "scst_raid"},
                                                            {"dev_tape", "scst_tape"}};
    if (!node.scst.has("handlers/" + handler)) {
        const auto module = modules.find(handler);
        load_module(module == modules.end() ? "scst_vdisk" : module->second, node, deadline);
    }
    node.files.make_directory(reservations);
}

}  // namespace san::scst_driver
