// SPDX-License-Identifier: GPL-2.0-or-later
// CHAP: how initiators authenticate themselves to a target, and the target to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "storage/tree.hpp"

namespace san {

/// A name and a secret, by which one side of a login authenticates itself.
struct Chap_account {
    std::string user;
    Secret password;
};

/// What an initiator must show to log in, and what the target shows in turn.
struct Chap_credentials {
    Chap_account initiator;
    std::optional<Chap_account> target{};  ///< shown to initiators that ask for it

    /// Source  LIO keeps 255 bytes, and takes what begins with "NULL" for nothing at all (6.1);
    ///         RFC 7143 12.1.3 forbids one secret for both
    /// Errors  misconfigured, without the passwords
    void check() const;
};

/// A file with a secret on its first line, which only root can read.
struct Secret_file {
    std::string path;
    /// Errors  misconfigured
    static Secret_file parse(std::string_view text);
    /// Errors  wrong_on_this_node when it is not there, or others can read it; without the path
    Secret read(const Files& files) const;
};

namespace chap {

/// Whether the kernel can keep an account, whose parameters begin with that word.
///
/// Errors  misconfigured, without the password
void check(const Chap_account& account, const std::string& parameter);

/// Adds the entries that give credentials to a portal group or an access entry.
void add(Tree& tree, const Configfs::Path& owner, const Chap_credentials& credentials,
         const std::string& whose);

/// The credentials that a portal group or an access entry has now.
std::optional<Chap_credentials> find(const Configfs::Path& owner, const Configfs& configfs);

/// Adds the steps that take the target's own account away, where there is one.
void remove_target_account(Plan& plan, const Configfs::Path& owner, const Configfs& configfs,
                           const std::string& whose);

}  // namespace chap
}  // namespace san
