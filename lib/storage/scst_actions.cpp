// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_actions.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "kernel/connections.hpp"
#include "kernel/scst_queue.hpp"
#include "storage/login_check.hpp"
#include "storage/scst_access.hpp"
#include "storage/scst_accounts.hpp"
#include "storage/scst_driver.hpp"
#include "storage/scst_target.hpp"

namespace san::scst_actions {

namespace {

using namespace std::chrono_literals;
using Talk = Scst_conversation;
using scst_accounts::Kind_of_user;

/// Changes something, in a child.
template <class Work>
Change in_child(const std::string& subject, System& node, const Deadline& deadline, Work&& work,
                const Bounded::Nudge& nudge = {}) {
    return node.bounded.run(
        deadline,
        [&](const Bounded::Progress& progress) {
            const Talk talk{node.scst, deadline, subject, progress};
            talk.settle();
            return work(talk);
        },
        nudge);
}

/// While a command is under way, what is read can wait as well. Errors: failed at the deadline
void await_answer(const std::string& device, System& node, const Deadline& deadline) {
    if (!scst::is_busy(node.scst)) return;
    node.bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("SCST to tell what the device " + device + " is");
        scst::find(node.scst, Talk::Path{"devices"} / device / "filename", deadline);
        return Change::none;
    });
}

/// SCST's daemon listens at all addresses of the node, or at one that it was started with.
std::vector<std::string> silent_portals(const std::vector<Portal>& portals,
                                        Connections& connections) {
    const auto v4 = connections.find_listeners(Family::ipv4);
    const auto v6 = connections.find_listeners(Family::ipv6);
    if (!v4 || !v6) return {};
    const auto serves = [](const Listener& one, const Portal& portal) {
        // One at [::] takes IPv4 as well.
        return one.port == portal.port() &&
               (one.ip == portal.ip() ||
                (one.ip.is_unspecified() &&
                 (one.ip.family() == portal.ip().family() || one.ip.family() == Family::ipv6)));
    };
    std::vector<std::string> found;
    for (const auto& portal : portals) {
        const auto is_it = [&](const Listener& one) { return serves(one, portal); };
        if (std::none_of(v4->begin(), v4->end(), is_it) &&
            std::none_of(v6->begin(), v6->end(), is_it))
            found.push_back("nobody listens at portal " + portal.to_text());
    }
    return found;
}

Change build(const Target& wanted, System& node, const Deadline& deadline) {
    return in_child(scst_target::subject(wanted.iqn), node, deadline,
                    [&](const Talk& talk) { return scst_target::build(wanted, talk); });
}

}  // namespace

// ---- a target

Change start(const Target& wanted, System& node, const Deadline& deadline) {
    scst_driver::start(node, deadline);
    const bool was_there = scst_target::exists(wanted.iqn, node.scst);
    try {
        return build(wanted, node, deadline);
    } catch (Error& failure) {
        // What cannot be whole is not left behind.
        if (!was_there) try {
                stop({.iqn = wanted.iqn,
                      .discovery_user =
                          wanted.discovery ? std::optional{wanted.discovery->user} : std::nullopt},
                     node, deadline);
            } catch (const Error& second) {
                failure.also(second.what());
            }
        throw;
    }
}

Change reload(const Target& wanted, System& node, const Deadline& deadline) {
    if (!scst_target::exists(wanted.iqn, node.scst))
        throw Error{Kind::failed,
                    scst_target::subject(wanted.iqn) + ": expected one that was started"};
    return build(wanted, node, deadline);
}

Change stop(const Target_place& place, System& node, const Deadline& deadline) {
    if (!scst_driver::is_open(node)) return Change::none;
    return in_child(scst_target::subject(place.iqn), node, deadline,
                    [&](const Talk& talk) { return scst_target::remove(place, talk); });
}

std::vector<std::string> faults(const Target& wanted, System& node, const Deadline& deadline) {
    auto faults =
        scst_target::faults(wanted, {node.scst, deadline, scst_target::subject(wanted.iqn)});
    if (faults.empty()) faults = silent_portals(wanted.portals, node.connections);
    return faults;
}

void log_in(const Target& wanted, System& node, const Deadline& deadline) {
    login_check::check(
        [&]() -> std::optional<login_check::Door> {
            const Talk talk{node.scst, deadline, scst_target::subject(wanted.iqn)};
            // Without a LUN to be shown nobody can log in.
            if (talk.objects(scst_access::lun_set(wanted.iqn, talk)).empty()) return {};
            auto guest = login_check::guest_of(wanted);
            if (!guest) return {};
            return login_check::Door{wanted.iqn, wanted.portals, std::move(*guest)};
        },
        {}, node, deadline);
}

// ---- a unit

Change start(const Scst_unit& wanted, System& node, const Deadline& deadline) {
    const auto handler = scst_unit::handler_of(wanted, node.files);
    if (wanted.lun && !scst_target::exists(wanted.target, node.scst))
        throw Error{Kind::failed,
                    "target " + wanted.target.to_text() + ": expected to be started before"};
    scst_driver::load_handler(handler, node, deadline);
    return in_child(scst_unit::subject(wanted.device), node, deadline,
                    [&](const Talk& talk) { return scst_unit::build(wanted, handler, talk); });
}

Change stop(const Place& place, System& node, const Deadline& deadline) {
    if (!node.scst.is_loaded()) return Change::none;
    const auto subject = scst_unit::subject(place.device);
    Bounded::Nudge nudge;
    if (place.target)
        nudge = {.after = 2s, .act = [&] {
                     const auto ended = scst_unit::end_busy_sessions(
                         *place.target, {node.scst, deadline, subject});
                     if (ended > 0)
                         log::warning(subject, ": a command does not end: ended ", ended,
                                      " sessions of ", place.target->to_text());
                 }};
    return in_child(
        subject, node, deadline,
        [&](const Talk& talk) { return scst_unit::remove(place.device, place.path, talk); }, nudge);
}

bool exists(const Place& place, System& node, const Deadline& deadline) {
    if (!node.scst.is_loaded()) return false;
    await_answer(place.device, node, deadline);
    return scst_unit::exists(place.device, place.path,
                             {node.scst, deadline, scst_unit::subject(place.device)});
}

std::vector<std::string> faults(const Scst_unit& wanted, System& node, const Deadline& deadline) {
    await_answer(wanted.device, node, deadline);
    return scst_unit::faults(wanted, {node.scst, deadline, scst_unit::subject(wanted.device)});
}

void log_in(const Iscsi_name& target, const Lun_number& lun, const Scsi_serial& serial,
            System& node, const Deadline& deadline) {
    const login_check::Unit unit{lun, serial};
    login_check::check(
        [&]() -> std::optional<login_check::Door> {
            const Talk talk{node.scst, deadline, scst_target::subject(target)};
            const auto set = scst_access::lun_set(target, talk);
            login_check::Guest guest{.name = login_check::own_name};
            if (const auto names = talk.objects(set.parent_path() / "initiators"); !names.empty())
                guest.name = names.front();
            const scst_accounts::Owner owner{scst_access::target_directory(target),
                                             target.to_text()};
            for (const auto& one : scst_accounts::shown(owner, Kind_of_user::incoming, talk))
                guest.incoming = login_check::credentials_of(one);
            for (const auto& one : scst_accounts::shown(owner, Kind_of_user::outgoing, talk))
                guest.outgoing = login_check::credentials_of(one);
            login_check::Door door{target, {}, std::move(guest)};
            for (const auto& name : talk.objects(owner.at))
                if (name.starts_with("allowed_portal"))
                    if (const auto ip = Ip::find(talk.find(owner.at / name).value_or("")))
                        door.portals.push_back(Portal::at(*ip, Portal::default_port));
            if (door.portals.empty())
                door.portals.push_back(Portal::at(Ip::parse("0.0.0.0"), Portal::default_port));
            return door;
        },
        unit, node, deadline);
}

}  // namespace san::scst_actions
