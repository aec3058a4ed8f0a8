// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_accounts.hpp"

#include <cerrno>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::iet_accounts {

namespace {

using Talk = Iet_conversation;
using Texts = std::vector<std::string>;

std::optional<Chap_account> account_of(const Target& wanted, bool outgoing) {
    if (!wanted.credentials) return {};
    return outgoing ? wanted.credentials->target : wanted.credentials->initiator;
}

iet::Account_answer ask(const iet::Account_request& request, const Talk& talk) {
    auto answer = talk.ask(request);
    if (!answer.ok() && answer.errnum != ENOENT)
        throw system_error(talk.subject() + ": asking ietd about accounts", answer.errnum);
    return answer;
}

iet::Account_answer users_of(std::uint32_t target, bool outgoing, const Talk& talk) {
    return ask({.op = iet::Account_op::list, .target = target, .outgoing = outgoing}, talk);
}

/// What is wrong with the accounts of one side.
Texts faults_of(const Target& wanted, std::uint32_t target, bool outgoing, const Talk& talk) {
    const std::string kind = outgoing ? "own account " : "account ";
    Texts faults;
    const auto account = account_of(wanted, outgoing);
    const auto there = users_of(target, outgoing, talk);
    bool found = false;
    for (const auto& user : there.users)
        if (account && user == account->user && !found)
            found = true;
        else
            faults.push_back(kind + text::quoted(user) + " is not wanted");
    if (there.more) faults.push_back("more of its accounts are not wanted");
    if (!account) return faults;
    if (!found) {
        faults.push_back(kind + text::quoted(account->user) + " is missing");
        return faults;
    }
    const auto shown = ask({.op = iet::Account_op::show,
                            .target = target,
                            .outgoing = outgoing,
                            .user = account->user},
                           talk);
    if (!shown.ok() || shown.password.reveal() != account->password.reveal())
        faults.push_back(kind + text::quoted(account->user) + " has another password");
    return faults;
}

/// Of one name there can be several, of which the last one made counts; so all of them go first.
Change set_side(const Target& wanted, std::uint32_t target, bool outgoing, const Talk& talk) {
    if (faults_of(wanted, target, outgoing, talk).empty()) return Change::none;
    for (auto there = users_of(target, outgoing, talk); !there.users.empty();
         there = users_of(target, outgoing, talk))
        for (const auto& user : there.users) {
            const auto gone = ask({.op = iet::Account_op::remove,
                                   .target = target,
                                   .outgoing = outgoing,
                                   .user = user},
                                  talk);
            // It was in the list a moment ago, and would be there again.
            if (!gone.ok())
                throw Error{Kind::failed, talk.subject() + ": account " + text::quoted(user) +
                                              " cannot be taken away"};
            log::info(talk.subject(), ": account ", text::quoted(user), " taken away");
        }
    const auto account = account_of(wanted, outgoing);
    if (!account) return Change::made;
    const auto answer = talk.ask({.op = iet::Account_op::make,
                                  .target = target,
                                  .outgoing = outgoing,
                                  .user = account->user,
                                  .password = account->password});
    if (!answer.ok())
        throw system_error(talk.subject() + ": adding account " + text::quoted(account->user),
                           answer.errnum);
    log::info(talk.subject(), outgoing ? ": own account " : ": account ",
              text::quoted(account->user), " added");
    return Change::made;
}

}  // namespace

std::vector<std::string> faults(const Target& wanted, std::uint32_t number,
                                const Iet_conversation& talk) {
    if (!talk.speaks_of_accounts()) return {};
    auto found = faults_of(wanted, number, false, talk);
    for (auto& fault : faults_of(wanted, number, true, talk)) found.push_back(std::move(fault));
    return found;
}

Change set(const Target& wanted, std::uint32_t number, const Iet_conversation& talk) {
    if (!talk.speaks_of_accounts()) return Change::none;
    auto change = set_side(wanted, number, false, talk);
    return change |= set_side(wanted, number, true, talk);
}

}  // namespace san::iet_accounts
