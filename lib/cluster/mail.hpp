// SPDX-License-Identifier: GPL-2.0-or-later
// Mail to people about what the cluster does, by the interface that every mail system brings:
// sendmail(8).
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace san {

struct System;
class Commands;
class Deadline;

/// Who is told.
class Recipients {
public:
    /// Addresses, or names that the mail system knows, separated by commas. Errors: misconfigured
    static Recipients parse(std::string_view text);
    const std::vector<std::string>& all() const { return all_; }

private:
    std::vector<std::string> all_;
};

/// The words with which a subject begins.
class Mail_subject {
public:
    static constexpr auto usual = "Resource Group";

    /// One line. When its first word has less than two characters, the usual one: so does the shell
    /// agent, and configurations rely on it. Errors: misconfigured
    static Mail_subject parse(std::string_view text);
    const std::string& to_text() const { return text_; }

private:
    std::string text_;
};

struct Letter {
    Recipients to;
    std::string subject;
    std::string body;
};

namespace mail {

constexpr auto program = "sendmail";

/// The letter as RFC 5322 wants it, with lines that end in a line feed, as sendmail(8) takes them.
/// A subject beyond ASCII is encoded as RFC 2047 says.
std::string message(const Letter& letter, std::time_t now);

/// Hands the letter over, here and now.
///
/// Errors  not_installed without a mail system; failed when it does not take the letter in time
void hand_over(const Letter& letter, Commands& commands, const Deadline& deadline);

/// Hands the letter over in the background, within a minute. Whatever fails is a warning in the
/// log: no service may wait for its mail.
void send(const Letter& letter, System& node);

}  // namespace mail
}  // namespace san
