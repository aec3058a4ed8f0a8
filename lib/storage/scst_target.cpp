// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_target.hpp"

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/scst_access.hpp"
#include "storage/scst_accounts.hpp"

namespace san::scst_target {

namespace {

using Talk = Scst_conversation;
using Path = Talk::Path;
using scst_access::target_directory;
using scst_accounts::Kind_of_user;
using scst_accounts::Owner;

constexpr auto manager = "targets/iscsi/mgmt";

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

Owner owner(const Iscsi_name& iqn) {
    return {.at = target_directory(iqn), .target = iqn.to_text()};
}
const Owner discovery{.at = "targets/iscsi"};

std::optional<Chap_account> initiators_account(const Target& wanted) {
    return wanted.credentials ? std::optional{wanted.credentials->initiator} : std::nullopt;
}
std::optional<Chap_account> own_account(const Target& wanted) {
    return wanted.credentials ? wanted.credentials->target : std::nullopt;
}

// ---- what the target can be reached at

/// The patterns that addresses have to match. None: all addresses of the node.
std::vector<std::string> patterns(const Target& wanted) {
    std::vector<std::string> found;
    for (const auto& portal : wanted.portals) {
        if (portal.ip().is_unspecified()) return {};
        found.push_back(portal.ip().to_text());
    }
    return found;
}

std::vector<std::string> shown_patterns(const Iscsi_name& iqn, const Talk& talk) {
    std::vector<std::string> found;
    for (const auto& name : talk.objects(target_directory(iqn)))
        if (name.starts_with("allowed_portal"))
            if (auto pattern = talk.find(target_directory(iqn) / name))
                found.push_back(std::move(*pattern));
    return found;
}

Change set_patterns(const Target& wanted, const Talk& talk) {
    const auto& name = wanted.iqn.to_text();
    const auto list = patterns(wanted);
    auto change = Change::none;
    // The wanted ones first: without any the target is at all addresses.
    for (const auto& ip : list)
        change |=
            talk.make_so({.at = manager,
                          .data = "add_target_attribute " + name + " allowed_portal " + ip,
                          .deed = "portal " + ip + " added",
                          .is_so = [&] { return has(shown_patterns(wanted.iqn, talk), ip); }});
    for (const auto& ip : shown_patterns(wanted.iqn, talk))
        if (!has(list, ip))
            change |=
                talk.make_so({.at = manager,
                              .data = "del_target_attribute " + name + " allowed_portal " + ip,
                              .deed = "portal " + ip + " removed",
                              .is_so = [&] { return !has(shown_patterns(wanted.iqn, talk), ip); }});
    return change;
}

// ---- its attributes

/// Lists of digests are shown in an order of SCST's own.
bool is_same(const std::string& shown, const std::string& wanted) {
    const auto sorted = [](std::string list) {
        std::replace(list.begin(), list.end(), ',', ' ');
        auto words = text::words(list);
        std::sort(words.begin(), words.end());
        return words;
    };
    return sorted(shown) == sorted(wanted);
}

Change set_parameters(const Target& wanted, const Talk& talk) {
    auto change = Change::none;
    for (const auto& [name, value] : wanted.parameters) {
        const auto at = target_directory(wanted.iqn) / name;
        if (!talk.has(at)) {
            log::warning(talk.subject(), ": ", name, " is no attribute of SCST's targets");
            continue;
        }
        try {
            change |= talk.make_so(
                {.at = at, .data = value, .deed = name + " set to " + value, .is_so = [&] {
                     return is_same(talk.find(at).value_or(""), value);
                 }});
        } catch (const Error& refusal) {
            if (refusal.errnum() != EINVAL && refusal.errnum() != EACCES) throw;
            throw Error{Kind::misconfigured,
                        "additional_parameters=" + text::quoted(name + "=" + value) +
                            ": expected a value that SCST takes"};
        }
    }
    return change;
}

bool is_last(const Talk& talk) {
    const auto all = talk.objects("targets/iscsi");
    return std::none_of(all.begin(), all.end(), [&](const std::string& name) {
        return talk.has(Path{"targets/iscsi"} / name / "luns");
    });
}

/// One account of discovery for all targets of the node.
Change set_discovery(const Target& wanted, const Talk& talk) {
    if (!wanted.discovery) return Change::none;
    for (const auto& other : scst_accounts::shown(discovery, Kind_of_user::incoming, talk))
        if (other.user != wanted.discovery->user && !is_last(talk) &&
            !talk.has(target_directory(wanted.iqn)))
            throw Error{Kind::wrong_on_this_node,
                        "discovery_username=" + text::quoted(wanted.discovery->user) +
                            ": expected " + text::quoted(other.user) +
                            ", as other targets here have"};
    return scst_accounts::set(discovery, Kind_of_user::incoming, wanted.discovery, talk);
}

// ---- its end

struct Busy {
    std::string session;
    std::string commands;
};

std::optional<Busy> find_session(const Path& sessions, const Talk& talk) {
    const auto all = talk.objects(sessions);
    if (all.empty()) return {};
    return Busy{all.front(), talk.find(sessions / all.front() / "active_commands").value_or("0")};
}

void end_sessions(const Iscsi_name& iqn, const Talk& talk) {
    const auto sessions = target_directory(iqn) / "sessions";
    for (const auto& session : talk.objects(sessions))
        if (talk.ask(sessions / session / "force_close", "1"))
            log::info(talk.subject(), ": session ", session, " is to end");
    while (const auto busy = find_session(sessions, talk))
        talk.wait("session " + busy->session + " to end, which has " + busy->commands +
                  " commands in service");
}

}  // namespace

std::string subject(const Iscsi_name& iqn) { return "target " + iqn.to_text(); }

void check(const Target& wanted) {
    const auto refuse = [](const std::string& what, const std::string& why) {
        throw Error{Kind::misconfigured, what + ": expected " + why};
    };
    if (!wanted.iser.empty())
        refuse("iser_portals=" + text::quoted(wanted.iser.front().to_text()),
               "none: SCST has iSER at all portals or none");
    if (!wanted.networks.empty())
        refuse("allowed_initiators=" + text::quoted(wanted.networks.front()),
               "an iSCSI name: only tgt admits addresses");
    for (const auto& [name, value] : wanted.parameters)
        for (const auto* decided : {"enabled", "rel_tgt_id", "per_portal_acl", "IncomingUser",
                                    "OutgoingUser", "allowed_portal", "redirect", "forwarding"})
            if (name.starts_with(decided))
                refuse("additional_parameters=" + text::quoted(name + "=" + value),
                       "other attributes: who may log in follows from other parameters");
    if (wanted.discovery) scst_accounts::check(*wanted.discovery, "discovery");
    if (const auto account = initiators_account(wanted)) scst_accounts::check(*account, "incoming");
    if (const auto account = own_account(wanted)) scst_accounts::check(*account, "outgoing");
}

bool exists(const Iscsi_name& iqn, const Scst_tree& tree) {
    return tree.has(target_directory(iqn));
}

Change build(const Target& wanted, const Talk& talk) {
    const auto target = target_directory(wanted.iqn);
    auto change = set_discovery(wanted, talk);
    change |= talk.make_so({.at = manager,
                            .data = "add_target " + wanted.iqn.to_text(),
                            .deed = "target added",
                            .is_so = [&] { return talk.has(target); }});
    change |= set_parameters(wanted, talk);
    if (wanted.port_number)
        change |= talk.set(target / "rel_tgt_id", std::to_string(*wanted.port_number),
                           "relative target identifier set");
    change |=
        scst_accounts::set(owner(wanted.iqn), Kind_of_user::outgoing, own_account(wanted), talk);
    change |= scst_accounts::set(owner(wanted.iqn), Kind_of_user::incoming,
                                 initiators_account(wanted), talk);
    change |= set_patterns(wanted, talk);
    change |= scst_access::admit(wanted, talk);
    change |= talk.set(target / "enabled", "1", "target enabled");
    // One switch for all targets; without it no login is ever answered.
    return change | talk.set("targets/iscsi/enabled", "1", "iSCSI driver enabled");
}

Change remove(const Target_place& place, const Talk& talk) {
    const auto target = target_directory(place.iqn);
    auto change = Change::none;
    while (talk.has(target)) {
        change |= talk.set(target / "enabled", "0", "target disabled");
        end_sessions(place.iqn, talk);
        try {
            change |= talk.make_so({.at = manager,
                                    .data = "del_target " + place.iqn.to_text(),
                                    .deed = "target removed",
                                    .is_so = [&] { return !talk.has(target); }});
        } catch (const Error& refusal) {
            // A login that had begun before the target was disabled.
            if (refusal.errnum() != EBUSY) throw;
            talk.wait("a login to end");
        }
    }
    if (!place.discovery_user || !is_last(talk)) return change;
    return change | scst_accounts::set(discovery, Kind_of_user::incoming, {}, talk);
}

std::vector<std::string> faults(const Target& wanted, const Talk& talk) {
    const auto target = target_directory(wanted.iqn);
    if (!talk.has(target)) return {"the target is missing"};
    std::vector<std::string> faults;
    const auto add = [&](std::vector<std::string> more) {
        std::move(more.begin(), more.end(), std::back_inserter(faults));
    };
    if (talk.find(target / "enabled") != "1") faults.push_back("it is not enabled");
    if (talk.find("targets/iscsi/enabled") != "1")
        faults.push_back("SCST's iSCSI driver is not enabled");
    add(scst_access::faults(wanted, talk));
    add(scst_accounts::faults(owner(wanted.iqn), Kind_of_user::incoming, initiators_account(wanted),
                              talk));
    add(scst_accounts::faults(owner(wanted.iqn), Kind_of_user::outgoing, own_account(wanted),
                              talk));
    if (wanted.discovery)
        add(scst_accounts::faults(discovery, Kind_of_user::incoming, wanted.discovery, talk));
    const auto list = patterns(wanted);
    const auto shown = shown_patterns(wanted.iqn, talk);
    for (const auto& ip : list)
        if (!has(shown, ip)) faults.push_back("portal " + ip + " is missing");
    for (const auto& ip : shown)
        if (!has(list, ip)) faults.push_back("portal " + ip + " is not wanted");
    if (wanted.port_number &&
        talk.find(target / "rel_tgt_id") != std::to_string(*wanted.port_number))
        faults.push_back("its relative target identifier is " +
                         talk.find(target / "rel_tgt_id").value_or("") + " instead of " +
                         std::to_string(*wanted.port_number));
    for (const auto& [name, value] : wanted.parameters)
        if (const auto now = talk.find(target / name); now && !is_same(*now, value))
            faults.push_back(name + " is " + *now + " instead of " + value);
    return faults;
}

}  // namespace san::scst_target
