// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_event.hpp"

#include <algorithm>
#include <syslog.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// In all texts {resource}, {peer}, {host} and {configuration} stand for what they say.

constexpr std::string_view look =
    "Look:\n"
    "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
    "    crm_mon -1rA\n"
    "    journalctl -k -b | grep drbd\n";

constexpr std::string_view settle_split =
    "Nothing is resolved automatically: each node keeps its own copy until you have decided whose\n"
    "changes since the split are thrown away. There is no merging.\n"
    "\n"
    "Decide, before any command that changes something:\n"
    "  - Which node has served clients since the split? \"crm_mon -1\" shows where the resource "
    "is\n"
    "    promoted, and \"crm_resource --locate\" and the logs show where it was. As a rule its "
    "copy\n"
    "    survives.\n"
    "  - If both have been written to, look at the data itself: compare newest files, journals or\n"
    "    database logs. Save what only the victim has first; a copy or an LVM snapshot of its\n"
    "    backing device keeps every way open.\n"
    "  - How much each has changed is a hint, no proof: \"drbdsetup status {resource} "
    "--statistics\"\n"
    "    (8.4: \"oos:\" in /proc/drbd), and \"drbdadm get-gi {resource}\" for the generations.\n"
    "\n"
    "Then, on the VICTIM, whose changes are lost:\n"
    "    drbdadm disconnect {resource}\n"
    "    drbdadm secondary {resource}\n"
    "    drbdadm connect --discard-my-data {resource}\n"
    "If it cannot become Secondary it is in use: move its service away with the cluster's own\n"
    "commands (\"crm resource ban\", \"pcs resource ban\") first.\n"
    "On the SURVIVOR, if it is StandAlone:\n"
    "    drbdadm connect {resource}\n"
    "The victim then becomes SyncTarget. Wait until both are UpToDate; the cluster's alarm goes "
    "by\n"
    "itself with the next monitor.\n";

}  // namespace

const std::vector<Replica_event>& replica_events() {
    static const std::vector<Replica_event> events{
        {.name = "split-brain",
         .priority = LOG_ALERT,
         .headline = "split brain",
         .link = " with ",
         .story = "Both nodes have changed the data without the other one, and DRBD has ended the\n"
                  "connection. There are two different copies now. What each node writes is no\n"
                  "longer replicated, and the copies grow further apart.\n",
         .advice = settle_split},
        {.name = "initial-split-brain",
         .priority = LOG_WARNING,
         .headline = "split brain found, before any automatic recovery",
         .link = " with ",
         .story =
             "Both nodes have changed the data without the other one. DRBD will now apply the\n"
             "after-sb-* policies of the configuration, if there are any. If it cannot settle\n"
             "it, the handler split-brain is called next.\n",
         .advice =
             "If a message about \"split-brain\" follows, go by that one. If not, a policy has\n"
             "chosen, and the changes of one node are gone: the kernel's log says whose.\n"
             "\n"
             "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
             "    journalctl -k -b | grep drbd\n"},
        {.name = "out-of-sync",
         .priority = LOG_ERR,
         .headline = "online verify found blocks that differ",
         .link = " with ",
         .story =
             "An online verify has compared the copies, and some blocks are not the same. DRBD\n"
             "has marked them and changed nothing. Until they are synchronised, a node may give\n"
             "different data after a failover.\n",
         .advice =
             "Find out first why: a failing disk or controller, memory, or an application that\n"
             "changes buffers while they are written (swap, some databases with direct I/O; then\n"
             "blocks differ without harm).\n"
             "\n"
             "    journalctl -k -b | grep -i \"out of sync\"\n"
             "    drbdsetup status {resource} --statistics     (DRBD 8.4: \"oos:\" in /proc/drbd)\n"
             "\n"
             "To synchronise the marked blocks, from the Primary or the node whose copy is good,\n"
             "make the OTHER node reconnect:\n"
             "    drbdadm disconnect {resource}\n"
             "    drbdadm connect {resource}\n"
             "With both Secondary, say on the node whose blocks are bad:\n"
             "    drbdadm invalidate {resource}\n"
             "then verify again: drbdadm verify {resource}\n"
             "\n"
             "The states stay UpToDate throughout, so that this alarm does not go by itself:\n"
             "    san-drbd-notify clear {resource}\n",
         .seen_in_states = false},
        {.name = "io-error",
         .priority = LOG_CRIT,
         .headline = "I/O error of the local disk",
         .link = {},
         .story =
             "The disk below this replica has failed a request on {host}. DRBD is about to let\n"
             "go of it, as \"on-io-error\" says. While a peer has good data the service goes on\n"
             "over the network, with one copy less.\n",
         .advice = "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
                   "    journalctl -k -b | grep -iE \"drbd|I/O error|ata|scsi|nvme\"\n"
                   "    smartctl -a DISK\n"
                   "\n"
                   "If this node is the Primary, move the service to the node with the good disk.\n"
                   "A disk that is sound (a cable, a controller) comes back with\n"
                   "    drbdadm attach {resource}\n"
                   "A new one needs fresh meta-data, on THIS node only, and gets a full resync:\n"
                   "    drbdadm create-md {resource}\n"
                   "    drbdadm attach {resource}\n"},
        {.name = "pri-lost",
         .priority = LOG_CRIT,
         .headline = "a Primary is to become SyncTarget",
         .link = " with ",
         .story =
             "{host} is Primary, and at the connect DRBD has decided that the peer's data is to\n"
             "be copied over its own (\"rr-conflict call-pri-lost\"). That cannot be done below a\n"
             "service that runs: the node is expected to leave.\n",
         .advice = look},
        {.name = "pri-lost-after-sb",
         .priority = LOG_ALERT,
         .headline = "a Primary lost a split brain",
         .link = " with ",
         .story =
             "{host} is Primary, and the after-sb-* policy has chosen it as the victim of a split\n"
             "brain. Its changes since the split are to be thrown away once it has left its role;\n"
             "the handler is expected to take the node down.\n",
         .advice =
             "What this node has written since the split is on its backing device until the\n"
             "resync begins. If it may be needed, keep DRBD from connecting and copy or snapshot\n"
             "the device NOW:\n"
             "    drbdadm disconnect {resource}\n"
             "\n"
             "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
             "    journalctl -k -b | grep drbd\n"},
        {.name = "pri-on-incon-degr",
         .priority = LOG_ALERT,
         .headline = "a Primary has no good data any more",
         .link = {},
         .story =
             "{host} is Primary, its own disk is not usable and no peer with good data can be\n"
             "reached. The service on top gets I/O errors or hangs.\n",
         .advice =
             "Bring a node with good data back: the network between the nodes first, then the\n"
             "peers, then the local disk. Do not force this node to be Primary, and create no new\n"
             "meta-data, before you know where the last good copy is.\n"
             "\n"
             "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
             "    ping the peers on the replication network\n"
             "    journalctl -k -b | grep drbd\n"},
        {.name = "quorum-lost",
         .priority = LOG_CRIT,
         .headline = "quorum lost",
         .link = {},
         .story = "{host} was Primary and sees too few of the other nodes to go on. I/O is "
                  "suspended or\n"
                  "fails, as \"on-no-quorum\" says, so that the data stays one.\n",
         .advice =
             "Bring the missing nodes, or the network to them, back; with quorum the I/O goes on "
             "by\n"
             "itself if it was suspended. If they are gone for good and you are CERTAIN that none\n"
             "of them runs this resource:\n"
             "    drbdadm status {resource}\n"
             "    drbdsetup resource-options {resource} --quorum=off\n"
             "and back to what {configuration} says as soon as they are there again:\n"
             "    drbdadm adjust {resource}\n"},
        {.name = "disconnected",
         .priority = LOG_WARNING,
         .headline = "connection lost",
         .link = " from ",
         .story = "The replication connection is gone. The node that is Primary goes on, as "
                  "fencing and\n"
                  "quorum allow, and its changes are sent when the connection is back.\n",
         .advice = "    drbdadm status {resource}\n"
                   "    ping the peer on the replication network\n"
                   "\n"
                   "A connection that is \"Connecting\" comes back by itself. One that is "
                   "StandAlone does\n"
                   "not: find out why first (kernel's log), it may be a split brain. Then:\n"
                   "    drbdadm connect {resource}\n"},
        {.name = "emergency-reboot",
         .priority = LOG_ALERT,
         .headline = "this node is about to be rebooted",
         .link = {},
         .story =
             "A handler of DRBD on {host} is about to reboot the node, because it must not go on\n"
             "with what it has. What led to it was told just before.\n",
         .advice =
             "If nobody wanted that, look at the handlers in {configuration}. When the node is\n"
             "back:\n"
             "    drbdadm status {resource}     (DRBD 8.4: cat /proc/drbd)\n"
             "    journalctl -k -b -1 | grep drbd\n",
         .ends_node = true},
        {.name = "emergency-shutdown",
         .priority = LOG_ALERT,
         .headline = "this node is about to be shut down",
         .link = {},
         .story = "A handler of DRBD on {host} is about to power the node off, because it must not "
                  "go on\n"
                  "with what it has. What led to it was told just before.\n",
         .advice =
             "If nobody wanted that, look at the handlers in {configuration}. Look at the disks\n"
             "before the node is switched on again:\n"
             "    journalctl -k -b -1 | grep -iE \"drbd|I/O error\"\n",
         .ends_node = true}};
    return events;
}

const Replica_event* find_replica_event(std::string_view name) {
    const auto wanted = name == "local-io-error" ? std::string_view{"io-error"} : name;
    const auto& events = replica_events();
    const auto found = std::find_if(events.begin(), events.end(),
                                    [&](const auto& event) { return event.name == wanted; });
    return found == events.end() ? nullptr : &*found;
}

namespace {

const Replica_event& must_find(std::string_view name) {
    if (const auto* event = find_replica_event(name)) return *event;
    std::vector<std::string> names;
    for (const auto& event : replica_events()) names.emplace_back(event.name);
    throw Error{Kind::misconfigured,
                "event=" + text::quoted(name) + ": expected one of " + text::joined(names, ", ")};
}

/// The event in the name of a link, or nothing.
std::string_view event_in(std::string_view called_as) {
    constexpr std::string_view mark = "notify-";
    auto name = called_as.substr(called_as.rfind('/') + 1);
    if (name.ends_with(".sh")) name.remove_suffix(3);
    const auto at = name.find(mark);
    return at == std::string_view::npos ? std::string_view{} : name.substr(at + mark.size());
}

}  // namespace

Handler_call Handler_call::parse(std::string_view called_as,
                                 const std::vector<std::string>& words) {
    Handler_call call;
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        const std::string_view long_option = "--logfacility=";
        if (word == "--help" || word == "-h") return {.task = Task::help};
        if ((word == "--logfacility" || word == "-l") && i + 1 < words.size())
            call.facility = words[++i];
        else if (word.starts_with(long_option))
            call.facility = word.substr(long_option.size());
        else if (word.starts_with('-') && word != "--")
            throw Error{Kind::misconfigured,
                        text::quoted(word) + ": expected --logfacility FACILITY or --help"};
        else if (word != "--")
            // A list that the shell would have split.
            for (const auto& part : text::words(word)) rest.push_back(part);
    }
    auto event = event_in(called_as);
    if (event.empty()) {
        if (rest.empty())
            throw Error{Kind::misconfigured, "expected an event, or clear and a resource"};
        if (rest.front() == "clear") {
            if (rest.size() != 2)
                throw Error{Kind::misconfigured, "clear: expected the name of one resource"};
            call.task = Task::clear;
            call.resource = rest[1];
            return call;
        }
        call.event = &must_find(rest.front());
        rest.erase(rest.begin());
    } else {
        call.event = &must_find(event);
    }
    call.recipients = rest.empty() ? std::vector<std::string>{"root"} : std::move(rest);
    return call;
}

}  // namespace san
