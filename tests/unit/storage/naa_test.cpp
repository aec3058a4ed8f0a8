// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/naa.hpp"

#include "support/catch.hpp"

using namespace san;

TEST_CASE("Naa: the hex digits of the serial number in order, the others passed over") {
    const auto of = [](const char* serial) { return Naa::of(serial).to_text(); };
    CHECK(of("6e9272f1") == "60014056e9272f100000000000000000");
    CHECK(of("lun-disk-1") == "6001405d100000000000000000000000");
    CHECK(of("lun-dusk-1") == of("lun-disk-1"));
    CHECK(of("lun-1") == "60014051000000000000000000000000");
    CHECK(of("0A1B") == of("0a1b"));
    CHECK(of("zzz") == "60014050000000000000000000000000");
    // 25 of the 32 digits of a UUID: those that differ at the end only are one disk.
    CHECK(of("0cfa23d2-b4e1-4a0c-9d4b-4ed8a5e6f7a1") == "60014050cfa23d2b4e14a0c9d4b4ed8a");
    CHECK(of("0cfa23d2-b4e1-4a0c-9d4b-4ed8a0000000") == of("0cfa23d2-b4e1-4a0c-9d4b-4ed8a5e6f7a1"));
}

TEST_CASE("Naa: another company's name can be kept") {
    CHECK(Naa::of("a98000486e2f65686f464d4f5a39", 0x0a9800).to_text() ==
          "60a9800a98000486e2f65686f464d4f5");
    CHECK(Naa::of("1", 0xffffff).to_text() == "6ffffff1000000000000000000000000");
}
