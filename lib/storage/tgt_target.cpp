// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_target.hpp"

#include <algorithm>
#include <poll.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/tgt_accounts.hpp"
#include "storage/tgt_conversation.hpp"
#include "storage/tgt_portals.hpp"

namespace san::tgt_target {

namespace {

using namespace std::chrono_literals;
using Talk = Tgt_conversation;

std::string subject(const Iscsi_name& iqn) { return "target " + iqn.to_text(); }

constexpr auto everybody = "ALL";
// Nothing announces that a command has come back.
constexpr auto look_again = 100ms;

// ---- its number

bool is_taken(std::int32_t number, const std::vector<tgt::Target>& targets) {
    return std::any_of(targets.begin(), targets.end(),
                       [&](const tgt::Target& one) { return one.number == number; });
}

/// A number of its own, or the first one behind it that is free here.
std::int32_t free_number(const Iscsi_name& iqn, const std::vector<tgt::Target>& targets) {
    auto number = default_number(iqn);
    while (is_taken(number, targets)) ++number;
    return number;
}

/// The target, made when it is missing.
tgt::Target make(const Target& wanted, const Talk& talk, Change& change) {
    const auto& name = wanted.iqn.to_text();
    const auto all = talk.targets();
    for (const auto& one : all)
        if (one.name == name) return one;
    const auto number = wanted.number ? *wanted.number : free_number(wanted.iqn, all);
    for (const auto& one : all)
        if (one.number == number)
            throw Error{Kind::wrong_on_this_node, "tid=" + text::quoted(std::to_string(number)) +
                                                      ": expected a number that " + one.name +
                                                      " does not have"};
    change |= talk.change(tgt::make_target(number, name),
                          "target added, number " + std::to_string(number));
    tgt::Target made;
    made.number = number;
    made.name = name;
    made.state = "ready";
    return made;
}

// ---- login parameters

const std::string* find_value(const std::vector<tgt::Parameter>& all, const std::string& name) {
    for (const auto& one : all)
        if (one.name == name) return &one.value;
    return nullptr;
}

/// The daemon tells the last word of a list.
bool is_set(const std::string& shown, const std::string& wanted) {
    return shown == wanted || wanted.ends_with("," + shown);
}

Change set_parameters(const Target& wanted, std::int32_t number, const Talk& talk) {
    if (wanted.parameters.empty()) return Change::none;
    const auto shown = tgt::parse_parameters(talk.find(tgt::show_parameters(number)).value_or(""));
    auto change = Change::none;
    for (const auto& [name, value] : wanted.parameters) {
        const auto* now = find_value(shown, name);
        if (now == nullptr) {
            log::warning(talk.subject(), ": ", name, " is no parameter of tgtd's targets");
            continue;
        }
        if (is_set(*now, value)) continue;
        const auto code =
            talk.attempt(tgt::set_parameter(number, {name, value}), name + " set to " + value);
        if (code == tgt::invalid_request)
            throw Error{Kind::misconfigured,
                        "additional_parameters=" + text::quoted(name + "=" + value) +
                            ": expected a value that tgtd takes"};
        if (code != 0)
            throw Error{Kind::failed, talk.subject() + ": " + name + ": " + tgt::meaning_of(code)};
        change = Change::made;
    }
    return change;
}

// ---- the access list

std::vector<std::string> wanted_list(const Target& wanted) {
    if (wanted.admits_everybody()) return {everybody};
    std::vector<std::string> list;
    for (const auto& name : wanted.initiators) list.push_back(name.to_text());
    list.insert(list.end(), wanted.networks.begin(), wanted.networks.end());
    return list;
}

Change withdraw(const std::vector<std::string>& entries, std::int32_t number, const Talk& talk) {
    auto change = Change::none;
    for (const auto& entry : entries)
        change |= talk.change(tgt::exclude(number, entry), "access for " + entry + " removed",
                              {tgt::no_list_entry});
    return change;
}

Change admit(const Target& wanted, const std::vector<std::string>& there, std::int32_t number,
             const Talk& talk) {
    auto change = Change::none;
    for (const auto& entry : wanted_list(wanted))
        if (!tgt::has(there, entry))
            change |= talk.change(tgt::admit(number, entry), "access for " + entry + " added",
                                  {tgt::list_entry_exists});
    return change;
}

Change end_connections(const std::vector<tgt::Connection>& connections, std::int32_t number,
                       const Talk& talk) {
    auto change = Change::none;
    for (const auto& one : connections)
        change |=
            talk.change(tgt::end_connection(number, one), "session of " + one.initiator + " ended",
                        {tgt::no_such_session, tgt::no_such_connection});
    return change;
}

/// Those whose initiator the list does not name. Of one with addresses nobody can tell.
std::vector<tgt::Connection> unwanted(const Target& wanted,
                                      const std::vector<tgt::Connection>& connections) {
    std::vector<tgt::Connection> found;
    if (wanted.admits_everybody() || !wanted.networks.empty()) return found;
    for (const auto& one : connections)
        if (!wanted.admits(one.initiator)) found.push_back(one);
    return found;
}

Change set_state(const tgt::Target& target, const std::string& state, const Talk& talk) {
    if (target.state == state) return Change::none;
    return talk.change(tgt::set_parameter(target.number, {"state", state}),
                       "state set to " + state);
}

Change build(const Target& wanted, const Talk& talk) {
    auto change = tgt_accounts::set_discovery(wanted, talk);
    const auto target = make(wanted, talk, change);
    if (wanted.number && target.number != *wanted.number)
        throw Error{Kind::failed, talk.subject() + " has the number " +
                                      std::to_string(target.number) +
                                      ": expected tid=" + std::to_string(*wanted.number)};
    // While accounts change nobody else comes in: without one the target asks for none.
    const bool changes_accounts = !target.users.empty() || wanted.credentials.has_value();
    const auto list = wanted_list(wanted);
    std::vector<std::string> gone, kept;
    for (const auto& entry : target.list)
        (changes_accounts || !tgt::has(list, entry) ? gone : kept).push_back(entry);
    change |= withdraw(gone, target.number, talk);
    change |= set_parameters(wanted, target.number, talk);
    change |= tgt_accounts::set(wanted, target, talk);
    change |= tgt_portals::listen(wanted.portals, talk);
    change |= end_connections(unwanted(wanted, target.connections), target.number, talk);
    change |= set_state(target, "ready", talk);
    change |= admit(wanted, kept, target.number, talk);
    return change;
}

}  // namespace

std::int32_t default_number(const Iscsi_name& iqn) {
    // FNV-1a, folded to 24 bits: it only has to spread, and monitors load no library for it.
    std::uint32_t hash = 2166136261U;
    for (const unsigned char letter : iqn.to_text()) hash = (hash ^ letter) * 16777619U;
    return static_cast<std::int32_t>(((hash >> 24) ^ (hash & 0xffffffU)) + 1);
}

void check(const Target& wanted) {
    if (!wanted.iser.empty())
        throw Error{Kind::misconfigured,
                    "iser_portals=" + text::quoted(wanted.iser.front().to_text()) +
                        ": expected none: tgt has iSER for all or none"};
    if (wanted.port_number)
        throw Error{Kind::misconfigured,
                    "rtpi=" + text::quoted(std::to_string(*wanted.port_number)) +
                        ": expected none: a port of tgt's has the number 1"};
    // Commas separate what the daemon reads.
    const auto expect_fit = [](const Chap_account& account, const std::string& which) {
        if (account.user.find(',') != std::string::npos)
            throw Error{Kind::misconfigured, which + "_username=" + text::quoted(account.user) +
                                                 ": expected no comma, with tgt"};
        if (account.password.reveal().find(',') != std::string::npos)
            throw Error{Kind::misconfigured, which + "_password: expected no comma, with tgt"};
    };
    if (wanted.discovery) expect_fit(*wanted.discovery, "discovery");
    if (!wanted.credentials) return;
    expect_fit(wanted.credentials->initiator, "incoming");
    if (wanted.credentials->target) expect_fit(*wanted.credentials->target, "outgoing");
}

namespace {

Target_place place_of(const Target& wanted) {
    Target_place place{.iqn = wanted.iqn, .portals = wanted.portals};
    if (wanted.discovery) place.discovery_user = wanted.discovery->user;
    if (const auto& given = wanted.credentials) {
        place.users.push_back(given->initiator.user);
        if (given->target) place.users.push_back(given->target->user);
    }
    return place;
}

}  // namespace

Change start(const Target& wanted, tgt::Daemon& daemon, const Deadline& deadline) {
    const Talk talk{daemon, deadline, subject(wanted.iqn)};
    const bool was_there = talk.target(wanted.iqn.to_text()).has_value();
    try {
        return build(wanted, talk);
    } catch (Error& failure) {
        // What cannot be whole is not left behind. Without an answer it may be there all the same.
        if (!was_there) try {
                stop(place_of(wanted), daemon, deadline);
            } catch (const Error& second) {
                failure.also(second.what());
            }
        throw;
    }
}

Change reload(const Target& wanted, tgt::Daemon& daemon, const Deadline& deadline) {
    const Talk talk{daemon, deadline, subject(wanted.iqn)};
    const auto target = talk.target(wanted.iqn.to_text());
    if (!target || target->state != "ready")
        throw Error{Kind::failed, talk.subject() + " is not running"};
    return build(wanted, talk);
}

namespace {

/// One pass. Nothing when the target is gone, else what is in the way.
std::optional<std::string> take_down(const Iscsi_name& iqn, const Talk& talk, Change& change) {
    const auto target = talk.target(iqn.to_text());
    if (!target) return {};
    change |= set_state(*target, "offline", talk);
    change |= end_connections(target->connections, target->number, talk);
    std::string busy;
    for (auto unit = target->units.rbegin(); unit != target->units.rend(); ++unit) {
        if (unit->number == 0) continue;
        const auto name = "LUN " + std::to_string(unit->number);
        const auto code =
            talk.attempt(tgt::remove_unit(target->number, unit->number), name + " removed");
        if (code == tgt::unit_is_busy)
            busy = "a command of " + name + ", " + unit->path;
        else if (code != 0 && code != tgt::no_such_unit)
            throw Error{Kind::failed, talk.subject() + ": " + name + ": " + tgt::meaning_of(code)};
        else
            change = Change::made;
    }
    if (!busy.empty()) return busy;
    // One that has logged in meanwhile is ended with it: no unit is left.
    const auto code = talk.attempt(tgt::remove_target(target->number, true), "target removed");
    if (code != 0 && code != tgt::no_target)
        return "tgtd to let go of it: " + tgt::meaning_of(code);
    change = Change::made;
    return {};
}

}  // namespace

Change stop(const Target_place& place, tgt::Daemon& daemon, const Deadline& deadline) {
    const Talk talk{daemon, deadline, subject(place.iqn)};
    auto users = place.users;
    if (const auto target = talk.target(place.iqn.to_text())) {
        users.insert(users.end(), target->users.begin(), target->users.end());
        if (target->own_user) users.push_back(*target->own_user);
    }
    auto change = Change::none;
    while (const auto obstacle = take_down(place.iqn, talk, change)) {
        if (deadline.left() <= look_again)
            throw Error{Kind::failed,
                        talk.subject() + ": time is up while waiting for " + *obstacle};
        ::poll(nullptr, 0, static_cast<int>(look_again.count()));
    }
    if (!talk.find(tgt::show_system())) return change;
    // Also of a stop that was killed: what a target shares outlives it.
    if (talk.targets().empty()) {
        change |= tgt_portals::leave(place.portals, talk);
        if (place.discovery_user) {
            change |= tgt_accounts::remove_discovery(*place.discovery_user, talk);
            users.push_back(*place.discovery_user);
        }
    }
    return change | tgt_accounts::remove(users, talk);
}

bool exists(const Iscsi_name& iqn, tgt::Daemon& daemon, const Deadline& deadline) {
    return Talk{daemon, deadline, subject(iqn)}.target(iqn.to_text()).has_value();
}

namespace {

void judge_access(const Target& wanted, const tgt::Target& found,
                  std::vector<std::string>& faults) {
    const auto list = wanted_list(wanted);
    for (const auto& entry : list)
        if (!tgt::has(found.list, entry)) faults.push_back("access for " + entry + " is missing");
    for (const auto& entry : found.list)
        if (!tgt::has(list, entry)) faults.push_back(entry + " is admitted, but in no list");
}

}  // namespace

std::vector<std::string> faults(const Target& wanted, tgt::Daemon& daemon,
                                const Deadline& deadline) {
    const Talk talk{daemon, deadline, subject(wanted.iqn)};
    const auto found = talk.target(wanted.iqn.to_text());
    if (!found) return {"the target is missing"};
    std::vector<std::string> faults;
    if (found->state != "ready") faults.push_back("it is " + found->state);
    if (wanted.number && found->number != *wanted.number)
        faults.push_back("its number is " + std::to_string(found->number) + " instead of " +
                         std::to_string(*wanted.number));
    judge_access(wanted, *found, faults);
    for (auto& fault : tgt_accounts::faults(wanted, *found, talk)) faults.push_back(fault);
    for (auto& fault : tgt_portals::faults(wanted.portals, talk)) faults.push_back(fault);
    if (wanted.parameters.empty()) return faults;
    const auto shown =
        tgt::parse_parameters(talk.find(tgt::show_parameters(found->number)).value_or(""));
    for (const auto& [name, value] : wanted.parameters)
        if (const auto* now = find_value(shown, name); now && !is_set(*now, value))
            faults.push_back(name + " is " + *now + " instead of " + value);
    return faults;
}

}  // namespace san::tgt_target
