// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mountinfo.hpp"

#include "support/catch.hpp"

using namespace san;

TEST_CASE("mountinfo: places are shown as they are called") {
    const std::string mounts =
        "28 1 253:0 / / rw,relatime shared:1 - ext4 /dev/dm-0 rw\n"
        "36 28 147:0 / /srv/my\\040disk rw - xfs /dev/drbd0 rw\n"
        "37 28 147:0 / /srv/back\\134slash rw - xfs /dev/drbd0 rw\n"
        "38 28 147:01 / /srv/other rw - xfs /dev/drbd1 rw\n"
        "39 28 147:0 / /srv/\x1b[2Jodd\\012line rw - xfs /dev/drbd0 rw\n";
    CHECK(mountinfo::places_of({147, 0}, mounts) ==
          std::vector<std::string>{"/srv/my disk", "/srv/back\\slash", "/srv/?[2Jodd?line"});
}

TEST_CASE("mountinfo: what is cut off is left out") {
    CHECK(mountinfo::places_of({147, 0}, "36 28 147:0 /").empty());
    CHECK(mountinfo::places_of({147, 0}, "36 28 147:0 / /srv\\04") ==
          std::vector<std::string>{"/srv\\04"});
    CHECK(mountinfo::places_of({147, 0}, "").empty());
}
