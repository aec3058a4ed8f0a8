// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_target.hpp"

#include <algorithm>
#include <poll.h>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/tgt_conversation.hpp"

namespace san::tgt_target {

namespace {

using namespace std::chrono_literals;
using Talk = Tgt_conversation;

std::string subject(const Iscsi_name& iqn) { return "target " + iqn.to_text(); }

constexpr auto everybody = "ALL";
// Nothing announces that a command has come back.
constexpr auto look_again = 100ms;

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

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

// ---- accounts

/// Whether another target, or discovery, is bound to this user.
bool is_others(const std::string& user, const Target& wanted, const Talk& talk) {
    for (const auto& one : talk.targets())
        if (one.name != wanted.iqn.to_text() && (has(one.users, user) || one.own_user == user))
            return true;
    const auto system = talk.find(tgt::show_system());
    return system && has(tgt::parse_discovery_users(*system), user);
}

/// An account whose password nobody can read. One that only we use is made anew; nothing would
/// protect another target meanwhile, as its binding goes with the account.
Change make_account(const Chap_account& account, const Target& wanted, const Talk& talk) {
    const auto deed = "account of " + text::quoted(account.user) + " added";
    const auto request = tgt::make_account(account.user, account.password);
    const auto code = talk.attempt(request, deed);
    if (code == 0) return Change::made;
    if (code != tgt::user_exists)
        throw Error{Kind::failed, talk.subject() + ": " + deed + ": " + tgt::meaning_of(code)};
    if (is_others(account.user, wanted, talk)) {
        log::warning(talk.subject(), ": ", text::quoted(account.user),
                     " is an account that others use as well; its password stays as it is");
        return Change::none;
    }
    talk.change(tgt::remove_account(account.user),
                "account of " + text::quoted(account.user) + " removed", {tgt::no_such_user});
    return talk.change(request, deed);
}

Change bind(const Chap_account& account, bool outgoing, std::int32_t number, const Talk& talk) {
    return talk.change(
        tgt::bind_account(number, account.user, outgoing),
        (outgoing ? "own account set to " : "account set to ") + text::quoted(account.user),
        {tgt::user_exists});
}

Change set_accounts(const Target& wanted, const tgt::Target& found, const Talk& talk) {
    auto change = Change::none;
    const auto& given = wanted.credentials;
    for (const auto& user : found.users)
        if (!given || user != given->initiator.user)
            change |=
                talk.change(tgt::unbind_account(found.number, user, false),
                            "account " + text::quoted(user) + " taken away", {tgt::no_such_user});
    if (found.own_user && (!given || !given->target || *found.own_user != given->target->user))
        change |= talk.change(tgt::unbind_account(found.number, *found.own_user, true),
                              "own account taken away", {tgt::no_such_user});
    if (!given) return change;
    change |= make_account(given->initiator, wanted, talk);
    change |= bind(given->initiator, false, found.number, talk);
    if (given->target) {
        change |= make_account(*given->target, wanted, talk);
        change |= bind(*given->target, true, found.number, talk);
    }
    return change;
}

/// One account of discovery for all targets of the daemon.
Change set_discovery(const Target& wanted, const Talk& talk) {
    if (!wanted.discovery) return Change::none;
    const auto& account = *wanted.discovery;
    const auto users = tgt::parse_discovery_users(talk.find(tgt::show_system()).value_or(""));
    if (has(users, account.user)) return Change::none;
    auto change = Change::none;
    for (const auto& user : users)
        if (!talk.targets().empty())
            throw Error{Kind::wrong_on_this_node,
                        "discovery_username=" + text::quoted(account.user) + ": expected " +
                            text::quoted(user) + ", as other targets here have"};
    change |= make_account(account, wanted, talk);
    change |= talk.change(tgt::bind_account(tgt::every_target, account.user, false),
                          "discovery asks for " + text::quoted(account.user), {tgt::user_exists});
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
        if (!has(there, entry))
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

// ---- portals

/// Whether the daemon listens there, alone or with all its addresses.
bool is_covered(const Portal& portal, const std::vector<std::string>& portals) {
    const auto any = Portal::at(Ip::parse(portal.ip().family() == Family::ipv6 ? "::" : "0.0.0.0"),
                                portal.port());
    return has(portals, portal.to_text()) || has(portals, any.to_text());
}

std::vector<std::string> portals_of(const Talk& talk) {
    return tgt::parse_portals(talk.find(tgt::show_portals()).value_or(""));
}

Change make_portals(const Target& wanted, const Talk& talk) {
    auto change = Change::none;
    for (const auto& portal : wanted.portals) {
        if (is_covered(portal, portals_of(talk))) continue;
        const auto name = "portal " + portal.to_text();
        const auto code = talk.attempt(tgt::make_portal(portal.to_text()), name + " added");
        if (code != 0)
            throw Error{Kind::failed, talk.subject() + ": " + name +
                                          ": expected an address of this node, since tgtd can "
                                          "listen at no other, and a port that is free"};
        change = Change::made;
    }
    return change;
}

Change set_state(const tgt::Target& target, const std::string& state, const Talk& talk) {
    if (target.state == state) return Change::none;
    return talk.change(tgt::set_parameter(target.number, {"state", state}),
                       "state set to " + state);
}

Change build(const Target& wanted, const Talk& talk) {
    auto change = set_discovery(wanted, talk);
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
        (changes_accounts || !has(list, entry) ? gone : kept).push_back(entry);
    change |= withdraw(gone, target.number, talk);
    change |= set_parameters(wanted, target.number, talk);
    change |= set_accounts(wanted, target, talk);
    change |= make_portals(wanted, talk);
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

/// Those of the accounts that no target and no discovery is bound to any more.
Change remove_accounts(const std::vector<std::string>& users, const Talk& talk) {
    const auto there = tgt::parse_accounts(talk.find(tgt::show_accounts()).value_or(""));
    const auto discovery = tgt::parse_discovery_users(talk.find(tgt::show_system()).value_or(""));
    const auto others = talk.targets();
    auto change = Change::none;
    for (const auto& user : users) {
        const bool used = has(discovery, user) ||
                          std::any_of(others.begin(), others.end(), [&](const tgt::Target& one) {
                              return has(one.users, user) || one.own_user == user;
                          });
        if (has(there, user) && !used)
            change |=
                talk.change(tgt::remove_account(user),
                            "account of " + text::quoted(user) + " removed", {tgt::no_such_user});
    }
    return change;
}

/// Takes back what start has added, unless other targets may need it.
Change remove_portals(const std::vector<Portal>& portals, const Talk& talk) {
    auto change = Change::none;
    for (const auto& portal : portals)
        if (!portal.ip().is_unspecified() && has(portals_of(talk), portal.to_text()))
            change |=
                talk.change(tgt::remove_portal(portal.to_text()),
                            "portal " + portal.to_text() + " removed", {tgt::invalid_request});
    return change;
}

Change remove_discovery(const std::string& user, const Talk& talk) {
    const auto users = tgt::parse_discovery_users(talk.find(tgt::show_system()).value_or(""));
    if (!has(users, user)) return Change::none;
    return talk.change(tgt::unbind_account(tgt::every_target, user, false),
                       "discovery asks for no account", {tgt::no_such_user});
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
        change |= remove_portals(place.portals, talk);
        if (place.discovery_user) {
            change |= remove_discovery(*place.discovery_user, talk);
            users.push_back(*place.discovery_user);
        }
    }
    return change | remove_accounts(users, talk);
}

bool exists(const Iscsi_name& iqn, tgt::Daemon& daemon, const Deadline& deadline) {
    return Talk{daemon, deadline, subject(iqn)}.target(iqn.to_text()).has_value();
}

namespace {

void judge_access(const Target& wanted, const tgt::Target& found,
                  std::vector<std::string>& faults) {
    const auto list = wanted_list(wanted);
    for (const auto& entry : list)
        if (!has(found.list, entry)) faults.push_back("access for " + entry + " is missing");
    for (const auto& entry : found.list)
        if (!has(list, entry)) faults.push_back(entry + " is admitted, but in no list");
    const auto& given = wanted.credentials;
    if (given && !has(found.users, given->initiator.user))
        faults.push_back("account " + text::quoted(given->initiator.user) + " is missing");
    for (const auto& user : found.users)
        if (!given || user != given->initiator.user)
            faults.push_back("account " + text::quoted(user) + " is not wanted");
    const auto own = given && given->target ? given->target->user : std::string{};
    if (found.own_user.value_or("") != own)
        faults.push_back("the target's own account is " +
                         text::quoted(found.own_user.value_or("")) + " instead of " +
                         text::quoted(own));
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
    const auto portals = portals_of(talk);
    for (const auto& portal : wanted.portals)
        if (!is_covered(portal, portals))
            faults.push_back("nobody listens at portal " + portal.to_text());
    if (wanted.discovery &&
        !has(tgt::parse_discovery_users(talk.find(tgt::show_system()).value_or("")),
             wanted.discovery->user))
        faults.push_back("discovery does not ask for " + text::quoted(wanted.discovery->user));
    if (wanted.parameters.empty()) return faults;
    const auto shown =
        tgt::parse_parameters(talk.find(tgt::show_parameters(found->number)).value_or(""));
    for (const auto& [name, value] : wanted.parameters)
        if (const auto* now = find_value(shown, name); now && !is_set(*now, value))
            faults.push_back(name + " is " + *now + " instead of " + value);
    return faults;
}

}  // namespace san::tgt_target
