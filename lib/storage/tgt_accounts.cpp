// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_accounts.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::tgt_accounts {

namespace {

using Talk = Tgt_conversation;

std::vector<std::string> discovery_users(const Talk& talk) {
    return tgt::parse_discovery_users(talk.find(tgt::show_system()).value_or(""));
}

/// Whether another target, or discovery, is bound to this user.
bool is_others(const std::string& user, const Target& wanted, const Talk& talk) {
    for (const auto& one : talk.targets())
        if (one.name != wanted.iqn.to_text() && (tgt::has(one.users, user) || one.own_user == user))
            return true;
    const auto system = talk.find(tgt::show_system());
    return system && tgt::has(tgt::parse_discovery_users(*system), user);
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

}  // namespace

Change set(const Target& wanted, const tgt::Target& found, const Talk& talk) {
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

Change set_discovery(const Target& wanted, const Talk& talk) {
    if (!wanted.discovery) return Change::none;
    const auto& account = *wanted.discovery;
    const auto users = discovery_users(talk);
    if (tgt::has(users, account.user)) return Change::none;
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

Change remove(const std::vector<std::string>& users, const Talk& talk) {
    const auto there = tgt::parse_accounts(talk.find(tgt::show_accounts()).value_or(""));
    const auto discovery = discovery_users(talk);
    const auto others = talk.targets();
    auto change = Change::none;
    for (const auto& user : users) {
        const bool used = tgt::has(discovery, user) ||
                          std::any_of(others.begin(), others.end(), [&](const tgt::Target& one) {
                              return tgt::has(one.users, user) || one.own_user == user;
                          });
        if (tgt::has(there, user) && !used)
            change |=
                talk.change(tgt::remove_account(user),
                            "account of " + text::quoted(user) + " removed", {tgt::no_such_user});
    }
    return change;
}

Change remove_discovery(const std::string& user, const Talk& talk) {
    const auto users = discovery_users(talk);
    if (!tgt::has(users, user)) return Change::none;
    return talk.change(tgt::unbind_account(tgt::every_target, user, false),
                       "discovery asks for no account", {tgt::no_such_user});
}

std::vector<std::string> faults(const Target& wanted, const tgt::Target& found, const Talk& talk) {
    std::vector<std::string> faults;
    const auto& given = wanted.credentials;
    if (given && !tgt::has(found.users, given->initiator.user))
        faults.push_back("account " + text::quoted(given->initiator.user) + " is missing");
    for (const auto& user : found.users)
        if (!given || user != given->initiator.user)
            faults.push_back("account " + text::quoted(user) + " is not wanted");
    const auto own = given && given->target ? given->target->user : std::string{};
    if (found.own_user.value_or("") != own)
        faults.push_back("the target's own account is " +
                         text::quoted(found.own_user.value_or("")) + " instead of " +
                         text::quoted(own));
    if (wanted.discovery && !tgt::has(discovery_users(talk), wanted.discovery->user))
        faults.push_back("discovery does not ask for " + text::quoted(wanted.discovery->user));
    return faults;
}

}  // namespace san::tgt_accounts
