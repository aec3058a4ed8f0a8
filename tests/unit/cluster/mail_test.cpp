// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/mail.hpp"

#include <cstdlib>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Recipients: one or more, and nothing that sendmail would take for something else") {
    CHECK(Recipients::parse("root").all() == std::vector<std::string>{"root"});
    CHECK(Recipients::parse("a@example.org , b@example.org").all() ==
          std::vector<std::string>{"a@example.org", "b@example.org"});
    for (const auto* bad : {"", " ", ",", "a,,b", "a,", "-bd", "a b", "a\nBcc: b", "a, -t", "\"a"})
        CHECK_THROWS_AS(Recipients::parse(bad), Error);
}

TEST_CASE("Mail_subject: as given, or the usual one when its first word is hardly one") {
    CHECK(Mail_subject::parse("san 1").to_text() == "san 1");
    for (const auto* short_one : {"", " ", "a", "a group"})
        CHECK(Mail_subject::parse(short_one).to_text() == "Resource Group");
    for (const auto* bad : {"two\nlines", "tab\there"})
        CHECK_THROWS_AS(Mail_subject::parse(bad), Error);
}

TEST_CASE("mail: headers, an empty line, the body") {
    ::setenv("TZ", "UTC", 1);
    const Letter letter{.to = Recipients::parse("a,b"), .subject = "san moves", .body = "why\n"};
    CHECK(mail::message(letter, 1792400000) ==
          "To: a, b\n"
          "Subject: san moves\n"
          "Date: Mon, 19 Oct 2026 08:53:20 +0000\n"
          "Auto-Submitted: auto-generated\n"
          "MIME-Version: 1.0\n"
          "Content-Type: text/plain; charset=utf-8\n"
          "Content-Transfer-Encoding: 8bit\n"
          "\n"
          "why\n");
}

TEST_CASE("mail: a subject beyond ASCII is encoded, character by character") {
    Letter letter{.to = Recipients::parse("a"), .subject = "\xc3\xa4", .body = ""};
    CHECK_THAT(mail::message(letter, 0), ContainsSubstring("Subject: =?UTF-8?B?w6Q=?=\n"));
    letter.subject.clear();
    for (int i = 0; i < 40; ++i) letter.subject += "\xe2\x82\xac";
    const auto message = mail::message(letter, 0);
    for (std::size_t start = 0; start < message.size();) {
        const auto end = message.find('\n', start);
        CHECK(end - start <= 76 + std::string{"Subject:"}.size());
        start = end + 1;
    }
    // 45 bytes are 15 of these characters, and 60 digits.
    CHECK_THAT(message, ContainsSubstring("?=\n =?UTF-8?B?4oKs4oKs"));
}
