// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_accounts.hpp"

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"

namespace san::scst_accounts {

namespace {

using Talk = Scst_conversation;

constexpr std::size_t shortest_password = 12;
// ISCSI_NAME_LEN, iscsi-scst/include/iscsi_scst.h, 3.11-pre.
constexpr std::size_t longest = 255;

std::string word_of(Kind_of_user kind) {
    return kind == Kind_of_user::incoming ? "IncomingUser" : "OutgoingUser";
}

struct Shown {
    Talk::Path at;
    Chap_account account;
};

std::vector<Shown> look(const Owner& owner, Kind_of_user kind, const Talk& talk) try {
    std::vector<Shown> found;
    for (const auto& name : talk.objects(owner.at)) {
        if (!name.starts_with(word_of(kind))) continue;
        const auto text = talk.find(owner.at / name);
        if (!text) continue;
        const auto blank = text->find(' ');
        found.push_back({owner.at / name,
                         {text->substr(0, blank),
                          Secret{blank == std::string::npos ? "" : text->substr(blank + 1)}}});
    }
    return found;
} catch (const Error& failure) {
    if (failure.errnum() != EINVAL) throw;
    throw talk.failed(word_of(kind) +
                      " cannot be read or changed any more, since SCST was told a second one; only "
                      "a stop of the target ends that");
}

bool is(const Shown& shown, const Chap_account& account) {
    return shown.account.user == account.user &&
           shown.account.password.reveal() == account.password.reveal();
}

std::string command(const Owner& owner, const std::string& verb, Kind_of_user kind) {
    if (owner.target.empty()) return verb + "_attribute " + word_of(kind) + " ";
    return verb + "_target_attribute " + owner.target + " " + word_of(kind) + " ";
}

std::string pair_of(const Chap_account& account) {
    return account.user + " " + account.password.reveal();
}

Change remove(const Owner& owner, Kind_of_user kind, const std::string& user, const Talk& talk) {
    return talk.make_so({.at = "targets/iscsi/mgmt",
                         .data = command(owner, "del", kind) + user,
                         .deed = "account of " + text::quoted(user) + " removed",
                         .is_so = [&] {
                             const auto all = look(owner, kind, talk);
                             return std::none_of(all.begin(), all.end(), [&](const Shown& one) {
                                 return one.account.user == user;
                             });
                         }});
}

}  // namespace

void check(const Chap_account& account, const std::string& parameter) {
    const auto has_blank = [](const std::string& text) {
        return text.find_first_of(" \t\n") != std::string::npos;
    };
    const auto& password = account.password.reveal();
    if (has_blank(account.user) || account.user.size() > longest)
        throw Error{Kind::misconfigured, parameter + "_username=" + text::quoted(account.user) +
                                             ": expected no blank, with SCST"};
    if (has_blank(password) || password.size() < shortest_password || password.size() > longest)
        throw Error{Kind::misconfigured,
                    parameter + "_password: expected at least 12 letters, and no blank, with SCST"};
}

std::vector<Chap_account> shown(const Owner& owner, Kind_of_user kind, const Talk& talk) {
    std::vector<Chap_account> found;
    for (auto& one : look(owner, kind, talk)) found.push_back(std::move(one.account));
    return found;
}

Change set(const Owner& owner, Kind_of_user kind, const std::optional<Chap_account>& wanted,
           const Talk& talk) {
    auto change = Change::none;
    const auto there = look(owner, kind, talk);
    if (wanted) {
        const auto is_set = [&] {
            const auto all = look(owner, kind, talk);
            return std::any_of(all.begin(), all.end(),
                               [&](const Shown& one) { return is(one, *wanted); });
        };
        // SCST has one outgoing account, and a second one spoils the first.
        if (kind == Kind_of_user::outgoing)
            for (const auto& one : there)
                if (one.account.user != wanted->user)
                    change |= remove(owner, kind, one.account.user, talk);
        const auto same = std::find_if(there.begin(), there.end(), [&](const Shown& one) {
            return one.account.user == wanted->user;
        });
        if (same != there.end())
            change |= talk.make_so({.at = same->at,
                                    .data = pair_of(*wanted),
                                    .deed = "password of " + text::quoted(wanted->user) + " set",
                                    .is_so = is_set});
        else
            change |= talk.make_so({.at = "targets/iscsi/mgmt",
                                    .data = command(owner, "add", kind) + pair_of(*wanted),
                                    .deed = "account of " + text::quoted(wanted->user) + " added",
                                    .is_so = is_set});
    }
    for (const auto& one : look(owner, kind, talk))
        if (!wanted || one.account.user != wanted->user)
            change |= remove(owner, kind, one.account.user, talk);
    return change;
}

std::vector<std::string> faults(const Owner& owner, Kind_of_user kind,
                                const std::optional<Chap_account>& wanted, const Talk& talk) {
    std::vector<std::string> faults;
    bool is_there = false;
    for (const auto& one : look(owner, kind, talk)) {
        const auto name = word_of(kind) + " " + text::quoted(one.account.user);
        if (!wanted || one.account.user != wanted->user)
            faults.push_back(name + " is not wanted");
        else if (!is(one, *wanted))
            faults.push_back(name + " has another password");
        else
            is_there = true;
    }
    if (wanted && !is_there && faults.empty())
        faults.push_back(word_of(kind) + " " + text::quoted(wanted->user) + " is missing");
    return faults;
}

}  // namespace san::scst_accounts
