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

TEST_CASE("Iscsi_name: the three forms of RFC 7143") {
    const std::string start = "iqn.2026-01.org.example:";
    const std::string names[] = {"iqn.2026-01.org.example",
                                 "iqn.2026-01.org.example:disk1",
                                 "iqn.2026-12.org.example:a:b:c",
                                 "iqn.2026-01.org.example:-.-",
                                 "iqn.1987-05.com.cisco:01.8f6e-x:y",
                                 "iqn.2003-01.org.linux-iscsi.host.x8664:sn.0123456789ab",
                                 "iqn.2016-04.com.open-iscsi:1a2b3c4d5e6f",
                                 "iqn.1991-05.com.microsoft:host",
                                 "iqn.2026-01.xn--4ca",
                                 "iqn.2026-01.org.3com",
                                 "iqn.2026-01.org." + std::string(63, 'a'),
                                 start + std::string(223 - start.size(), 'a'),
                                 "eui.02004567a425678d",
                                 "naa.52004567ba64678d",
                                 "naa.22004567ba64678d",
                                 "naa.62004567ba64678d0123456789abcdef"};
    for (const auto& name : names) {
        INFO(name);
        CHECK(Iscsi_name::parse(name).to_text() == name);
    }
}

TEST_CASE("Iscsi_name: what nearly is one") {
    const std::string start = "iqn.2026-01.org.example:";
    const std::pair<const char*, std::string> names[] = {
        {"nothing", ""},
        {"no form", "disk1"},
        {"another form", "nqn.2026-01.org.example"},
        {"a form alone", "iqn."},
        {"a form without its dot", "iqn2026-01.org.example"},
        {"no date", "iqn.org.example:disk1"},
        {"a year of two digits", "iqn.26-01.org.example"},
        {"a year of five digits", "iqn.02026-01.org.example"},
        {"month 0", "iqn.2026-00.org.example"},
        {"month 13", "iqn.2026-13.org.example"},
        {"a month of one digit", "iqn.2026-1.org.example"},
        {"a day", "iqn.2026-01-01.org.example"},
        {"another separator in the date", "iqn.2026.01.org.example"},
        {"no authority", "iqn.2026-01"},
        {"an empty authority", "iqn.2026-01."},
        {"an empty authority before a colon", "iqn.2026-01.:disk1"},
        {"an empty label", "iqn.2026-01.org..example"},
        {"an empty first label", "iqn.2026-01..example"},
        {"an empty last label", "iqn.2026-01.org.:disk1"},
        {"a label that begins with a hyphen", "iqn.2026-01.-a.org"},
        {"a label that ends with a hyphen", "iqn.2026-01.a-.org"},
        {"a label of 64 letters", "iqn.2026-01.org." + std::string(64, 'a')},
        {"an underscore in the domain", "iqn.2026-01.org.ex_ample"},
        {"an underscore", start + "a_b"},
        {"a blank", start + "a b"},
        {"a blank in front", " " + start + "a"},
        {"a blank behind", start + "a "},
        {"a newline", start + "a\n"},
        {"a tabulator", start + "a\tb"},
        {"a slash", start + "a/b"},
        {"a way up", "iqn.2026-01.org.example/.."},
        {"a comma", start + "a,b"},
        {"an asterisk", start + "*"},
        {"a percent sign", start + "%s"},
        {"a letter beyond ASCII", start + "\xc3\xa4"},
        {"a byte that is no letter", start + "\xff"},
        {"a NUL", start + std::string(1, '\0')},
        {"DEL", start + "\x7f"},
        {"capitals in the form", "IQN.2026-01.org.example"},
        {"capitals in the domain", "iqn.2026-01.ORG.example"},
        {"capitals behind it", start + "Disk1"},
        {"224 bytes", start + std::string(224 - start.size(), 'a')},
        {"an EUI of 15 digits", "eui.02004567a425678"},
        {"an EUI of 17 digits", "eui.02004567a425678d0"},
        {"an EUI with another letter", "eui.0200456za425678d"},
        {"an EUI in capitals", "eui.02004567A425678D"},
        {"an NAA name of 15 digits", "naa.52004567ba64678"},
        {"an NAA name of 24 digits", "naa.52004567ba64678d01234567"},
        {"an NAA name of 33 digits", "naa.62004567ba64678d0123456789abcdef0"},
        {"an NAA name with another letter", "naa.52004567ba6467xd"},
        {"type 6 with 64 bits", "naa.62004567ba64678d"},
        {"type 5 with 128 bits", "naa.52004567ba64678d0123456789abcdef"}};
    for (const auto& [what, name] : names) {
        INFO(what << ": " << name);
        CHECK_FALSE(taken<Iscsi_name>(name));
    }
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
    for (const auto* bad : {"",
                            "10.0.0",
                            "10.0.0.300:3260",
                            "10.0.0.7:",
                            "10.0.0.7:0",
                            "10.0.0.7:65536",
                            "10.0.0.7:+1",
                            "[10.0.0.7]:3260",
                            "[2001:db8::7",
                            "[2001:db8::7]3260",
                            "san.example:3260",
                            ":3260",
                            " 10.0.0.7",
                            "10.0.0.7:03 ",
                            "10.0.0.7:3260:1",
                            "[]:3260",
                            "10.0.0.7/24",
                            "1.2.3.4.5",
                            "0x7f.1",
                            "010.0.0.7.",
                            "[2001:db8::7]:",
                            "[2001:db8::7]:-1",
                            "2001:db8:::7"}) {
        INFO(bad);
        CHECK_FALSE(taken<Portal>(bad));
    }
}

TEST_CASE("Lun_number: what flat addressing reaches") {
    CHECK(Lun_number::parse("0").directory() == "lun_0");
    CHECK(Lun_number::parse("16383").to_text() == "16383");
    for (const auto* bad :
         {"", "-1", "+1", " 1", "1 ", "16384", "65536", "4294967296", "1.0", "1,2", "0x1", "one"})
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
