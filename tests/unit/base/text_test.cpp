// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.hpp"

#include "base/ip.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("text: words, trimming and numbers") {
    CHECK(text::trimmed(std::string_view{" a b\n\0", 6}) == "a b");
    CHECK(text::trimmed(" \n") == "");
    CHECK(text::words("  a\tb  c ") == std::vector<std::string>{"a", "b", "c"});
    CHECK(text::words(" ").empty());
    CHECK(text::joined({"a", "b"}, ", ") == "a, b");
    CHECK(text::number<int>("-12") == -12);
    for (const auto* bad : {"", "1 ", "x", "1.5", "99999999999"})
        CHECK_FALSE(text::number<int>(bad));
    CHECK(text::quoted("a\nb") == "\"a?b\"");
    CHECK(text::lower("IQN.2026-01:Ä") == "iqn.2026-01:Ä");
}

TEST_CASE("Ip: both families, one canonical spelling") {
    CHECK(Ip::parse("10.0.0.7").to_text() == "10.0.0.7");
    CHECK(Ip::parse("2001:DB8:0:0::9").to_text() == "2001:db8::9");
    for (const auto* bad : {"", "10.0.0.300", "10.0.0", "host", "fe80::1%eth0", "1.2.3.4/24"})
        CHECK_FALSE(Ip::find(bad));
}

TEST_CASE("Ip: networks") {
    const auto ip = Ip::parse("10.1.2.3");
    CHECK(ip.masked(24) == Ip::parse("10.1.2.0"));
    CHECK(ip.masked(20, true) == Ip::parse("10.1.15.255"));
    CHECK(ip.in(Ip::parse("10.1.0.0"), 16));
    CHECK_FALSE(ip.in(Ip::parse("10.2.0.0"), 16));
    CHECK_FALSE(ip.in(Ip::parse("::"), 0));
    CHECK(Ip::parse("fe80::1").is_link_local());
    CHECK(Ip::parse("169.254.1.1").is_link_local());
    CHECK_FALSE(ip.is_link_local());
    CHECK(Ip::parse("0.0.0.0").is_unspecified());
}
