// SPDX-License-Identifier: GPL-2.0-or-later
// san-drbd-notify: tells people what DRBD calls its handlers for, in the log, by mail and as an
// alarm in the cluster's status.
//
// DRBD's worker waits for its handlers, and a mail system or a cluster may answer late or never. So
// the log has its line at once, and everything else is done by a process of its own.
#include <array>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include "base/background.hpp"
#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/process.hpp"
#include "base/syslog.hpp"
#include "base/text.hpp"
#include "cluster/attributes.hpp"
#include "cluster/mail.hpp"
#include "kernel/machine.hpp"
#include "storage/replica_alarm.hpp"
#include "storage/replica_event.hpp"
#include "storage/replica_notice.hpp"
#include "storage/replica_picture.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

// pacemaker-attrd that has not answered after this time will not.
constexpr auto cluster_patience = 20s;
constexpr auto drbd_patience = 10s;
constexpr auto mail_patience = 60s;
// Of a node that is about to go down: a mail system that works has the letter on its disk by then.
constexpr auto last_words = 5s;

constexpr auto usage =
    "usage: san-drbd-notify [--logfacility FACILITY] EVENT [RECIPIENT...]\n"
    "       san-drbd-notify clear RESOURCE\n"
    "\n"
    "Tells people what DRBD calls its handlers for: a line in the log, a mail that says what\n"
    "to look at and what to do, and the node attribute san-drbd-RESOURCE, which crm_mon -A\n"
    "shows. Nothing about DRBD is changed. In drbd.conf:\n"
    "\n"
    "  handlers {\n"
    "      split-brain         \"/usr/sbin/san-drbd-notify split-brain root\";\n"
    "      out-of-sync         \"/usr/sbin/san-drbd-notify out-of-sync root\";\n"
    "      local-io-error      \"/usr/sbin/san-drbd-notify io-error root\";\n"
    "      pri-on-incon-degr   \"/usr/sbin/san-drbd-notify pri-on-incon-degr root\";\n"
    "      quorum-lost         \"/usr/sbin/san-drbd-notify quorum-lost root\";   # DRBD 9\n"
    "  }\n"
    "\n"
    "  EVENT           split-brain, initial-split-brain, out-of-sync, io-error (or\n"
    "                  local-io-error), pri-lost, pri-lost-after-sb, pri-on-incon-degr,\n"
    "                  quorum-lost, disconnected, emergency-reboot or emergency-shutdown.\n"
    "                  Called by a name such as notify-split-brain or notify-split-brain.sh,\n"
    "                  as a link, it takes the event from there.\n"
    "  RECIPIENT       Whom sendmail(8) gives the mail; root unless given.\n"
    "  --logfacility   Of syslog(3), as \"local5\"; daemon unless given.\n"
    "  clear RESOURCE  Removes the attribute. The drbd agent's monitor does so when all data is\n"
    "                  UpToDate and all nodes are connected again; the alarm of blocks that\n"
    "                  differ (out-of-sync) has to be cleared by this.\n"
    "\n"
    "It returns at once and does the rest in the background; only emergency-reboot and\n"
    "emergency-shutdown wait for the mail, for at most 5 seconds.\n"
    "\n"
    "Exit status: 0, whatever became of it, so that no handler fails because of it; 1 clear did\n"
    "not reach the cluster; 2 wrong usage.\n";

/// The kernel starts programs without standard descriptors, and the next file that is opened would
/// be one of them.
void have_standard_descriptors() {
    int fd = 0;
    while (fd >= 0 && fd <= STDERR_FILENO) fd = ::open("/dev/null", O_RDWR);
    if (fd > STDERR_FILENO) ::close(fd);
}

int facility(const std::string& name) {
    if (const auto number = log::facility(name)) return *number;
    throw Error{Kind::misconfigured,
                "logfacility=" + text::quoted(name) + ": expected one of syslog(3)'s"};
}

void open_log(int to) {
    log::set_sink([to](log::Level level, std::string_view line) {
        if (level == log::Level::debug) return;
        // Each time: a child in the background has closed it.
        ::openlog("san-drbd-notify", LOG_PID | LOG_PERROR, to);
        ::syslog(log::priority(level), "%.*s", static_cast<int>(line.size()), line.data());
    });
}

std::string now() {
    const auto time = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&time, &parts);
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z", &parts)};
}

/// In a child, because the library that talks to the cluster has no deadline of its own.
void in_bounds(System& node, const std::function<void(const Deadline&)>& work) {
    const auto deadline = Deadline::in(cluster_patience);
    node.bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("the cluster to take the attribute");
        work(deadline);
        return Change::made;
    });
}

void tell_cluster(const Replica_notice& notice, System& node) try {
    in_bounds(node, [&](const Deadline& deadline) {
        replica_alarm::raise(*notice.event, notice.alarm(), notice.resource, node, deadline);
    });
} catch (const Error& problem) {
    log::warning("the cluster does not show the alarm: ", problem.what());
}

void mail_people(const Replica_notice& notice, const Recipients& to, System& node,
                 const Deadline& deadline) try {
    const auto when = now();
    std::vector<std::string> minors;
    for (const auto& volume : notice.volumes)
        if (!volume.minor.empty()) minors.push_back(volume.minor);
    const auto picture = replica_picture::take(
        notice.resource.to_text(), minors, node,
        Deadline::in(std::min<std::chrono::milliseconds>(drbd_patience, deadline.left() / 2)));
    mail::hand_over({.to = to,
                     .subject = notice.subject(node.name),
                     .body = notice.letter(node.name, when, picture)},
                    node.commands, deadline);
} catch (const Error& problem) {
    log::warning("mail was not sent: ", problem.what());
}

/// Root when nobody else can be written to: a name that is wrong must not silence the alarm.
Recipients recipients_of(const Handler_call& call) try {
    return Recipients::parse(text::joined(call.recipients, ","));
} catch (const Error& problem) {
    log::error("recipient=", text::quoted(text::joined(call.recipients, ",")), ": ", problem.what(),
               "; the mail goes to root");
    return Recipients::parse("root");
}

int notify(const Handler_call& call, System& node) {
    const auto notice = Replica_notice::parse(*call.event, own_variables());
    ::openlog("san-drbd-notify", LOG_PID | LOG_PERROR, facility(call.facility));
    ::syslog(call.event->priority, "%s", notice.log_line().c_str());
    const auto to = recipients_of(call);
    if (call.event->ends_node) mail_people(notice, to, node, Deadline::in(last_words));
    node.background.run([&] {
        tell_cluster(notice, node);
        if (!call.event->ends_node) mail_people(notice, to, node, Deadline::in(mail_patience));
    });
    return 0;
}

int clear(const Handler_call& call, System& node) try {
    const auto resource = Replica_name::parse(call.resource);
    in_bounds(node,
              [&](const Deadline& deadline) { replica_alarm::clear(resource, node, deadline); });
    return 0;
} catch (const Error& problem) {
    if (problem.kind() == Kind::misconfigured) throw;
    log::error("clear ", call.resource, ": ", problem.what());
    return 1;
}

}  // namespace

int main(int count, char** given) {
    have_standard_descriptors();
    open_log(LOG_DAEMON);
    try {
        const auto call = Handler_call::parse(given[0], {given + 1, given + count});
        if (call.task == Handler_call::Task::help) {
            std::fputs(usage, stdout);
            return 0;
        }
        open_log(facility(call.facility));
        Programs programs;
        cluster::Attrd_attributes attributes{programs};
        Machine machine{host_name(), attributes};
        return call.task == Handler_call::Task::clear ? clear(call, machine.system())
                                                      : notify(call, machine.system());
    } catch (const Error& problem) {
        // Nobody sees what a handler writes to its standard error.
        log::error(problem.what(), " (see san-drbd-notify --help)");
        return problem.kind() == Kind::misconfigured ? 2 : 0;
    }
}
