// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/mail.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nettle/base64.h>

#include "base/background.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/system.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

// A mail system that has not taken a letter after this time is broken.
constexpr auto patience = 60s;

// RFC 5322 2.1.1 allows lines of 998 bytes; the subject's ending comes after this.
constexpr std::size_t longest_subject = 200;

// RFC 2047 2: an encoded word has 75 characters at most, 12 of which are "=?UTF-8?B?" and "?=".
constexpr std::size_t bytes_per_encoded_word = (75 - 12) / 4 * 3;

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 128; }

// What would be an option, another header, or two recipients, is none.
bool is_recipient(std::string_view text) {
    const auto bad = [](char c) { return is_control(c) || c == ' ' || c == '"' || c == '\\'; };
    return !text.empty() && text.front() != '-' && std::none_of(text.begin(), text.end(), bad);
}

std::string base64(std::string_view bytes) {
    std::string encoded(BASE64_ENCODE_RAW_LENGTH(bytes.size()), '\0');
    base64_encode_raw(encoded.data(), bytes.size(),
                      reinterpret_cast<const std::uint8_t*>(bytes.data()));
    return encoded;
}

std::string encoded_words(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
        auto length = std::min(text.size(), bytes_per_encoded_word);
        // Not in the middle of a character, whose later bytes are 10xxxxxx.
        while (length > 1 && length < text.size() &&
               (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80)
            --length;
        words.push_back("=?UTF-8?B?" + base64(text.substr(0, length)) + "?=");
        text.remove_prefix(length);
    }
    return text::joined(words, "\n ");
}

std::string header_text(const std::string& text) {
    return std::all_of(text.begin(), text.end(), is_ascii) ? text : encoded_words(text);
}

std::string date(std::time_t now) {
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::array<char, 64> text{};
    // The program never leaves the C locale, so these are the names of RFC 5322 3.3.
    const auto length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S %z", &parts);
    return {text.data(), length};
}

}  // namespace

Recipients Recipients::parse(std::string_view text) {
    Recipients recipients;
    for (std::string_view rest = text;;) {
        const auto comma = rest.find(',');
        const auto one = text::trimmed(rest.substr(0, comma));
        if (!is_recipient(one))
            throw Error{Kind::misconfigured,
                        "expected mail addresses such as admin@example.org, separated by commas"};
        recipients.all_.emplace_back(one);
        if (comma == std::string_view::npos) return recipients;
        rest.remove_prefix(comma + 1);
    }
}

Mail_subject Mail_subject::parse(std::string_view text) {
    if (text.size() > longest_subject || std::any_of(text.begin(), text.end(), is_control))
        throw Error{Kind::misconfigured,
                    "expected one line of at most " + std::to_string(longest_subject) + " bytes"};
    Mail_subject subject;
    const auto words = text::words(text);
    subject.text_ = words.empty() || words.front().size() < 2 ? usual : std::string{text};
    return subject;
}

namespace mail {

std::string message(const Letter& letter, std::time_t now) {
    return "To: " + text::joined(letter.to.all(), ", ") +
           "\nSubject: " + header_text(letter.subject) + "\nDate: " + date(now) +
           // RFC 3834 5: nobody's vacation program answers.
           "\nAuto-Submitted: auto-generated"
           "\nMIME-Version: 1.0"
           "\nContent-Type: text/plain; charset=utf-8"
           "\nContent-Transfer-Encoding: 8bit"
           "\n\n" +
           letter.body;
}

void hand_over(const Letter& letter, Commands& commands, const Deadline& deadline) {
    // -i: a line with a single dot does not end the letter.
    std::vector<std::string> command{program, "-i", "--"};
    for (const auto& recipient : letter.to.all()) command.push_back(recipient);
    commands.must(command, deadline, message(letter, std::time(nullptr)));
}

void send(const Letter& letter, System& node) {
    const auto try_it = [&commands = node.commands, letter] {
        try {
            hand_over(letter, commands, Deadline::in(patience));
        } catch (const Error& problem) {
            log::warning("mail was not sent: ", problem.what());
        }
    };
    try {
        node.background.run(try_it);
    } catch (const Error& problem) {
        log::warning("mail was not sent: ", problem.what());
    }
}

}  // namespace mail
}  // namespace san
