// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/chap.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

/// What the kernel takes for nothing. It keeps the word, so that reading gives it back (6.1).
constexpr auto nothing = "NULL";

void check_account(const Chap_account& account, const std::string& parameter) {
    constexpr std::size_t longest = 255;
    const auto fits = [](const std::string& text) {
        return !text.empty() && text.size() <= longest && !text.starts_with(nothing);
    };
    constexpr auto expected = "expected 1 to 255 bytes that do not begin with NULL";
    if (!fits(account.user))
        throw Error{Kind::misconfigured,
                    parameter + "_username=" + text::quoted(account.user) + ": " + expected};
    if (!fits(account.password.reveal()))
        throw Error{Kind::misconfigured, parameter + "_password: " + expected};
}

/// The files of one side's account, below auth/.
struct Account_files {
    const char* user;
    const char* password;
    const char* name;  ///< in the administrator's words
};
constexpr Account_files of_initiator{"auth/userid", "auth/password", "CHAP"};
constexpr Account_files of_target{"auth/userid_mutual", "auth/password_mutual", "mutual CHAP"};

/// The kernel keeps a newline as part of the name or secret, so none is written (6.1).
void add_account(Tree& tree, const Configfs::Path& owner, const Account_files& files,
                 const Chap_account& account, const std::string& whose) {
    const std::string name = files.name;
    tree.value(owner / files.user, account.user, name + " user" + whose);
    tree.value(owner / files.password, account.password.reveal(), name + " password" + whose)
        .step.secret = true;
}

std::optional<Chap_account> find_account(const Configfs::Path& owner, const Account_files& files,
                                         const Configfs& configfs) {
    const auto user = configfs.find(owner / files.user);
    if (!user || user->empty() || user->starts_with(nothing)) return {};
    return Chap_account{*user, Secret{configfs.find(owner / files.password).value_or("")}};
}

}  // namespace

void Chap_credentials::check() const {
    check_account(initiator, "incoming");
    if (!target) return;
    check_account(*target, "outgoing");
    if (target->password.reveal() == initiator.password.reveal())
        throw Error{Kind::misconfigured,
                    "outgoing_password: expected another one than incoming_password"};
}

Secret_file Secret_file::parse(std::string_view text) {
    if (!text.starts_with('/'))
        throw Error{Kind::misconfigured, "expected the absolute path of a file"};
    return {std::string{text}};
}

Secret Secret_file::read(const Files& files) const {
    if (!files.is_private(path))
        throw Error{Kind::wrong_on_this_node,
                    "expected a file that belongs to root, and that nobody else can read"};
    const auto content = files.find(path).value_or("");
    return Secret{content.substr(0, content.find('\n'))};
}

namespace chap {

void check(const Chap_account& account, const std::string& parameter) {
    check_account(account, parameter);
}

void add(Tree& tree, const Configfs::Path& owner, const Chap_credentials& credentials,
         const std::string& whose) {
    add_account(tree, owner, of_initiator, credentials.initiator, whose);
    if (credentials.target) add_account(tree, owner, of_target, *credentials.target, whose);
}

std::optional<Chap_credentials> find(const Configfs::Path& owner, const Configfs& configfs) {
    auto initiator = find_account(owner, of_initiator, configfs);
    if (!initiator) return {};
    return Chap_credentials{*std::move(initiator), find_account(owner, of_target, configfs)};
}

void remove_target_account(Plan& plan, const Configfs::Path& owner, const Configfs& configfs,
                           const std::string& whose) {
    if (!find_account(owner, of_target, configfs)) return;
    for (const auto* file : {of_target.user, of_target.password})
        plan.steps.push_back({.act = Step::Act::write,
                              .at = owner / file,
                              .name = std::string{of_target.name} + whose,
                              .content = nothing});
}

}  // namespace chap
}  // namespace san
