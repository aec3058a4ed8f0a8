// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_target.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/connections.hpp"
#include "storage/iet_access.hpp"
#include "storage/iet_accounts.hpp"
#include "storage/iet_conversation.hpp"

namespace san::iet_target {

namespace {

using namespace std::chrono_literals;
using Talk = Iet_conversation;
using Texts = std::vector<std::string>;

/// Most sessions end at once.
constexpr auto patience = 1s;

Talk talk_of(const Iscsi_name& iqn, System& node, const Deadline& deadline) {
    return {node.iet, deadline, "target " + iqn.to_text()};
}

// ---- its number

/// One more than the highest, as the shell agent has it; initiators do not see it.
std::uint32_t free_number(const std::vector<iet::Target>& targets) {
    std::uint32_t highest = 0;
    for (const auto& one : targets) highest = std::max(highest, one.number);
    return highest + 1;
}

/// The target, made when it is missing.
iet::Target make(const Target& wanted, const Talk& talk, Change& change) {
    const auto& name = wanted.iqn.to_text();
    for (;;) {
        const auto all = talk.targets();
        for (const auto& one : all)
            if (one.name == name) return one;
        const auto number =
            wanted.number ? static_cast<std::uint32_t>(*wanted.number) : free_number(all);
        for (const auto& one : all)
            if (one.number == number)
                throw Error{Kind::wrong_on_this_node,
                            "tid=" + text::quoted(std::to_string(number)) +
                                ": expected a number that " + one.name + " does not have"};
        const auto deed = "target added, number " + std::to_string(number);
        const auto answer = talk.attempt(iet::make_target(number, name), deed);
        if (answer.ok()) {
            change = Change::made;
            return {.number = number, .name = name};
        }
        // Another one has just taken the number.
        if (answer.errnum != EEXIST || talk.deadline().expired()) talk.fail(deed, answer);
    }
}

// ---- login parameters

std::vector<iet::Parameter> parameters_of(std::uint32_t target, const Talk& talk) {
    auto all = iet::parse_parameters(talk.show(iet::show_parameters(target)));
    for (auto& one : iet::parse_parameters(talk.show(iet::show_login_parameters(target))))
        all.push_back(std::move(one));
    return all;
}

const std::string* find_value(const std::vector<iet::Parameter>& all, const std::string& name) {
    for (const auto& one : all)
        if (one.name == name) return &one.value;
    return nullptr;
}

/// Of a value that is out of bounds ietadm takes another, so that each is looked at again.
Change set_parameters(const Target& wanted, std::uint32_t target, const Talk& talk) {
    if (wanted.parameters.empty()) return Change::none;
    const auto shown = parameters_of(target, talk);
    auto change = Change::none;
    for (const auto& [name, value] : wanted.parameters) {
        const auto* now = find_value(shown, name);
        if (now == nullptr) {
            log::warning(talk.subject(), ": ", name, " is no parameter of IET's targets");
            continue;
        }
        if (*now == value) continue;
        change |= talk.change(iet::set_parameter(target, {name, value}), name + " set to " + value,
                              {EINVAL});
        const auto after = parameters_of(target, talk);
        if (const auto* then = find_value(after, name); then == nullptr || *then != value)
            throw Error{Kind::misconfigured,
                        "additional_parameters=" + text::quoted(name + "=" + value) +
                            ": expected a value that IET takes"};
    }
    return change;
}

// ---- sessions and portals

/// Begins to. One that the module does not know is none.
Change end(const iet::Connection& connection, std::uint32_t target, const Talk& talk) {
    return talk.change(iet::end_connection(target, connection),
                       "session of " + text::quoted(connection.initiator) + " ended",
                       {ENOENT, EEXIST});
}

/// Those whose initiator the list does not name. Of one with addresses nobody can tell.
Change end_unwanted(const Target& wanted, std::uint32_t target, const Talk& talk) {
    auto change = Change::none;
    if (wanted.admits_everybody() || !wanted.networks.empty()) return change;
    for (const auto& one : talk.connections(target))
        if (!wanted.admits(one.initiator)) change |= end(one, target, talk);
    return change;
}

/// Where nobody listens, on all addresses or on that one.
Texts silent_portals(const std::vector<Portal>& portals, Connections& connections) {
    Texts found;
    for (const auto& portal : portals) {
        const auto listeners = connections.find_listeners(portal.ip().family());
        if (listeners && std::none_of(listeners->begin(), listeners->end(), [&](const auto& one) {
                return one.port == portal.port() &&
                       (one.ip == portal.ip() || one.ip.is_unspecified());
            }))
            found.push_back(portal.to_text());
    }
    return found;
}

Change build(const Target& wanted, System& node, const Talk& talk) {
    const auto& iqn = wanted.iqn;
    const auto entries = iet_access::entries(wanted);
    const auto let_in = [&](const Texts& whom) {
        return iet_access::set(iqn, whom, node.files, node.bounded, talk.deadline());
    };
    const auto found = talk.target(iqn.to_text());
    const bool is_closed = !found || !iet_accounts::faults(wanted, found->number, talk).empty();
    auto change = let_in(is_closed ? Texts{} : entries);
    const auto target = make(wanted, talk, change);
    if (wanted.number && target.number != static_cast<std::uint32_t>(*wanted.number))
        throw Error{Kind::failed, talk.subject() + " has the number " +
                                      std::to_string(target.number) +
                                      ": expected tid=" + std::to_string(*wanted.number)};
    change |= set_parameters(wanted, target.number, talk);
    change |= iet_accounts::set(wanted, target.number, talk);
    if (const auto silent = silent_portals(wanted.portals, node.connections); !silent.empty())
        throw Error{Kind::failed, talk.subject() + ": portals=" + text::quoted(silent.front()) +
                                      ": expected one where ietd listens, by its own options"};
    change |= end_unwanted(wanted, target.number, talk);
    return change | let_in(entries);
}

void expect_service(const Target& wanted, const Talk& talk) {
    if (!talk.is_there())
        throw Error{Kind::not_installed, talk.subject() +
                                             ": IET's module is not loaded; its service has to "
                                             "run"};
    if (wanted.credentials && !talk.speaks_of_accounts())
        throw Error{Kind::not_installed,
                    "incoming_username=" + text::quoted(wanted.credentials->initiator.user) +
                        ": expected IET 1.4.20 or 1.4.20.x, whose ietd can be told of it without "
                        "a command line"};
}

}  // namespace

void check(const Target& wanted) {
    if (!wanted.iser.empty())
        throw Error{Kind::misconfigured,
                    "iser_portals=" + text::quoted(wanted.iser.front().to_text()) +
                        ": expected none: IET has no iSER"};
    if (wanted.port_number)
        throw Error{Kind::misconfigured,
                    "rtpi=" + text::quoted(std::to_string(*wanted.port_number)) +
                        ": expected none: IET numbers no ports"};
    if (wanted.discovery)
        throw Error{Kind::misconfigured,
                    "discovery_username=" + text::quoted(wanted.discovery->user) +
                        ": expected none, with iet: ietd.conf has it"};
    iet_access::entries(wanted);
    for (const auto& one : wanted.parameters)
        if (one.value.find(',') != std::string::npos)
            throw Error{Kind::misconfigured,
                        "additional_parameters=" + text::quoted(one.name + "=" + one.value) +
                            ": expected no comma, with iet"};
}

Change start(const Target& wanted, System& node, const Deadline& deadline) {
    const auto talk = talk_of(wanted.iqn, node, deadline);
    expect_service(wanted, talk);
    const bool was_there = talk.target(wanted.iqn.to_text()).has_value();
    try {
        return build(wanted, node, talk);
    } catch (Error& failure) {
        // What cannot be whole is not left behind. Without an answer it may be there all the same.
        if (!was_there) try {
                stop({.iqn = wanted.iqn}, node, deadline);
            } catch (const Error& second) {
                failure.also(second.what());
            }
        throw;
    }
}

Change reload(const Target& wanted, System& node, const Deadline& deadline) {
    const auto talk = talk_of(wanted.iqn, node, deadline);
    expect_service(wanted, talk);
    if (!talk.target(wanted.iqn.to_text()))
        throw Error{Kind::failed, talk.subject() + " is not running"};
    return build(wanted, node, talk);
}

namespace {

/// Sessions that are to end. Each is asked to once: what takes long are its commands.
class Farewell {
public:
    explicit Farewell(const Talk& talk) : talk_{talk}, trusted_{talk.deadline().within(patience)} {}

    /// An initiator's name can hide its session in the list. The module knows its target's, and
    /// passes over the others.
    Change say(std::uint32_t target) {
        auto change = Change::none;
        auto found = talk_.connections(target);
        if (!found.empty()) last_ = found.front().initiator;
        if (trusted_.expired()) found = talk_.possible_connections();
        for (const auto& one : found)
            if (told_.emplace(one.session, one.number).second) change |= end(one, target, talk_);
        return change;
    }

    std::string obstacle() const { return "the session of " + text::quoted(last_) + " to end"; }

private:
    const Talk& talk_;
    Deadline trusted_;
    std::set<std::pair<std::uint64_t, std::uint32_t>> told_{};
    std::string last_{};
};

Change take_down(const Iscsi_name& iqn, const Talk& talk) {
    auto change = Change::none;
    Farewell farewell{talk};
    bool is_busy = false;
    while (const auto target = talk.target(iqn.to_text())) {
        if (is_busy) talk.wait_for(farewell.obstacle());
        change |= farewell.say(target->number);
        const auto answer = talk.attempt(iet::remove_target(target->number), "target removed");
        if (answer.ok()) return Change::made;
        // ietd looks after its sessions first, and has not begun.
        is_busy = answer.errnum == EBUSY;
        if (!is_busy && answer.errnum != ENOENT) talk.fail("removing the target", answer);
        if (!is_busy) return change;
    }
    return change;
}

}  // namespace

Change stop(const Target_place& place, System& node, const Deadline& deadline) {
    const auto talk = talk_of(place.iqn, node, deadline);
    auto change = Change::none;
    if (talk.target(place.iqn.to_text())) {
        try {
            change |= iet_access::set(place.iqn, {}, node.files, node.bounded, deadline);
        } catch (const Error& trouble) {
            // It goes all the same; at worst somebody comes in again meanwhile.
            log::warning(talk.subject(), ": ", trouble.what());
        }
        change |= take_down(place.iqn, talk);
    }
    try {
        change |= iet_access::remove(place.iqn, node.files, node.bounded, deadline);
    } catch (const Error& trouble) {
        // A line for a target that is not there lets nobody in.
        log::warning(talk.subject(), ": ", trouble.what());
    }
    return change;
}

bool exists(const Iscsi_name& iqn, System& node, const Deadline& deadline) {
    return talk_of(iqn, node, deadline).target(iqn.to_text()).has_value();
}

std::vector<std::string> faults(const Target& wanted, System& node, const Deadline& deadline) {
    const auto talk = talk_of(wanted.iqn, node, deadline);
    const auto found = talk.target(wanted.iqn.to_text());
    if (!found) return {"the target is missing"};
    Texts faults;
    if (wanted.number && found->number != static_cast<std::uint32_t>(*wanted.number))
        faults.push_back("its number is " + std::to_string(found->number) + " instead of " +
                         std::to_string(*wanted.number));
    for (auto& fault : iet_access::faults(wanted.iqn, iet_access::entries(wanted), node.files))
        faults.push_back(std::move(fault));
    for (auto& fault : iet_accounts::faults(wanted, found->number, talk))
        faults.push_back(std::move(fault));
    for (const auto& portal : silent_portals(wanted.portals, node.connections))
        faults.push_back("nobody listens at portal " + portal);
    return faults;
}

}  // namespace san::iet_target
