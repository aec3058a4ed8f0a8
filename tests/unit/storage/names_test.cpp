// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/names.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

template <class Name>
bool taken(const std::string& text) {
    try {
        Name::parse(text);
        return true;
    } catch (const Error& refused) {
        CHECK(refused.kind() == Kind::misconfigured);
        CHECK_THAT(refused.what(), ContainsSubstring("expected"));
        return false;
    }
}

}  // namespace

TEST_CASE("Iscsi_name: the three forms of RFC 7143, and what nearly is one") {
    for (const auto* good : {"iqn.2026-01.org.example", "iqn.2026-01.org.example:disk1",
                             "iqn.1987-05.com.cisco:01.8f6e-x:y", "eui.02004567a425678d",
                             "naa.52004567ba64678d", "naa.62004567ba64678d0123456789abcdef"}) {
        INFO(good);
        CHECK(Iscsi_name::parse(good).to_text() == good);
    }
    for (const auto* bad :
         {"", "iqn.", "iqn.san", "iqn.2026-13.org.example", "iqn.26-01.org", "iqn.2026-01.",
          "iqn.2026-01..example", "iqn.2026-01.-a.org", "iqn.2026-01.org.example:a b",
          "iqn.2026-01.org.example:a/b", "iqn.2026-01.org.example:\xc3\xa4", "eui.0200", "naa.5200",
          "eui.0200456za425678d", "nqn.2026-01.org.example"}) {
        INFO(bad);
        CHECK_FALSE(taken<Iscsi_name>(bad));
    }
    const std::string start = "iqn.2026-01.org.example:";
    CHECK(taken<Iscsi_name>(start + std::string(223 - start.size(), 'a')));
    CHECK_FALSE(taken<Iscsi_name>(start + std::string(224 - start.size(), 'a')));
    CHECK_THROWS_WITH(Iscsi_name::parse("iqn.2026-01.ORG.example"),
                      ContainsSubstring("in lower case"));
}

TEST_CASE("Portal: with and without port, in the kernel's spelling") {
    const auto spelled = [](const char* text) { return Portal::parse(text).to_text(); };
    CHECK(spelled("10.0.0.7") == "10.0.0.7:3260");
    CHECK(spelled("10.0.0.7:860") == "10.0.0.7:860");
    CHECK(spelled("2001:DB8:0:0::7") == "[2001:db8::7]:3260");
    CHECK(spelled("[2001:db8::7]") == "[2001:db8::7]:3260");
    CHECK(spelled("[2001:db8::7]:65535") == "[2001:db8::7]:65535");
    for (const auto* bad : {"", "10.0.0", "10.0.0.300:3260", "10.0.0.7:", "10.0.0.7:0",
                            "10.0.0.7:65536", "10.0.0.7:+1", "[10.0.0.7]:3260", "[2001:db8::7",
                            "[2001:db8::7]3260", "san.example:3260", ":3260"}) {
        INFO(bad);
        CHECK_FALSE(taken<Portal>(bad));
    }
}

TEST_CASE("Lun_number: what flat addressing reaches") {
    CHECK(Lun_number::parse("0").directory() == "lun_0");
    CHECK(Lun_number::parse("16383").to_text() == "16383");
    for (const auto* bad : {"", "-1", "16384", "1.0", "0x1", "one"})
        CHECK_FALSE(taken<Lun_number>(bad));
}

TEST_CASE("Scsi_serial: printable, and the shell agent's by default") {
    // echo -n p_lun1 | md5sum | cut -c-8
    CHECK(Scsi_serial::of_resource("p_lun1").to_text() == "6e9272f1");
    CHECK(taken<Scsi_serial>(std::string(253, 'a')));
    CHECK_FALSE(taken<Scsi_serial>(std::string(254, 'a')));
    for (const auto* bad : {"", " a", "a ", "a\tb", "\xc3\xa4"})
        CHECK_FALSE(taken<Scsi_serial>(bad));
}

TEST_CASE("Scsi_product: what the field of an INQUIRY holds") {
    CHECK(taken<Scsi_product>("sixteen letters."));
    CHECK_FALSE(taken<Scsi_product>("seventeen letters"));
}

TEST_CASE("Scsi_vendor and Block_size: what the kernel takes") {
    CHECK(taken<Scsi_vendor>("8letters"));
    for (const auto* bad : {"", "9 letters", " a", "a\n", "\xc3\xa4"})
        CHECK_FALSE(taken<Scsi_vendor>(bad));
    for (const auto* good : {"512", "1024", "2048", "4096"})
        CHECK(Block_size::parse(good).to_text() == good);
    for (const auto* bad : {"", "0", "0512", "513", "8192", "4k"})
        CHECK_FALSE(taken<Block_size>(bad));
}

TEST_CASE("Backing_path: absolute, and without what separates LIO's options") {
    CHECK(taken<Backing_path>("/dev/vg_san/lun1"));
    for (const auto* bad : {"", "dev/sda", "/dev/a,b", "/dev/a\nb"})
        CHECK_FALSE(taken<Backing_path>(bad));
}
