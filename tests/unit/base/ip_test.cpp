// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.hpp"

#include "base/error.hpp"
#include "base/md5.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Ip: any spelling in, one spelling out") {
    CHECK(Ip::parse("10.0.0.7").to_text() == "10.0.0.7");
    CHECK(Ip::parse("2001:DB8:0:0:0:0:0:7").to_text() == "2001:db8::7");
    CHECK(Ip::parse("2001:db8::7") == Ip::parse("2001:0db8::0007"));
    CHECK_FALSE(Ip::parse("::ffff:10.0.0.7") == Ip::parse("10.0.0.7"));
    for (const auto* bad : {"", "10.0.0", "10.0.0.256", "010.0.0.7", "10.0.0.7 ", "fe80::1%eth0",
                            "2001:db8:::7", "san.example"}) {
        INFO(bad);
        CHECK_FALSE(Ip::find(bad));
    }
}

TEST_CASE("Ip: networks, whatever the prefix length is") {
    const auto ip = Ip::parse("10.1.2.255");
    CHECK(ip.masked(24).to_text() == "10.1.2.0");
    CHECK(ip.masked(23, true).to_text() == "10.1.3.255");
    CHECK(ip.masked(0).to_text() == "0.0.0.0");
    CHECK(ip.masked(32) == ip);
    CHECK(ip.in(Ip::parse("10.1.2.128"), 25));
    CHECK_FALSE(ip.in(Ip::parse("10.1.2.0"), 25));
    CHECK_FALSE(ip.in(Ip::parse("::"), 0));
    CHECK(Ip::parse("2001:db8::7").masked(127).to_text() == "2001:db8::6");
}

TEST_CASE("Ip: kinds of addresses") {
    CHECK(Ip::parse("fe80::1").is_link_local());
    CHECK(Ip::parse("febf::1").is_link_local());
    CHECK_FALSE(Ip::parse("fec0::1").is_link_local());
    CHECK(Ip::parse("239.1.1.1").is_multicast());
    CHECK(Ip::parse("ff02::1").is_multicast());
    CHECK_FALSE(Ip::parse("223.1.1.1").is_multicast());
    CHECK(Ip::parse("::").is_unspecified());
    CHECK_FALSE(Ip::parse("::1").is_unspecified());
    CHECK(Ip::parse("127.0.0.3").is_loopback());
    CHECK(Ip::parse("::1").is_loopback());
    CHECK_FALSE(Ip::parse("128.0.0.1").is_loopback());
}

TEST_CASE("md5: the digests of RFC 1321") {
    CHECK(md5("") == "d41d8cd98f00b204e9800998ecf8427e");
    CHECK(md5("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}
