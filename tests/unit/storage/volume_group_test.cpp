// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_group.hpp"

#include "base/error.hpp"
#include "kernel/files.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

Mapped_device volume(const std::string& name, Device_number number,
                     std::vector<Device_number> below, std::string type = "linear") {
    return {.name = name,
            .uuid = "LVM-" + name,
            .number = number,
            .has_live_table = true,
            .table = {{std::move(type), ""}},
            .below = std::move(below)};
}

}  // namespace

TEST_CASE("Vg_name: takes what lvm(8) calls valid, and nothing else") {
    CHECK(Vg_name::parse("vg_san-1.a+b").to_text() == "vg_san-1.a+b");
    for (const auto* bad : {"", "-vg", ".", "..", "a/b", "a b", "vg;reboot"})
        CHECK_THROWS_AS(Vg_name::parse(bad), Error);
    CHECK_THROWS_AS(Vg_name::parse(std::string(128, 'a')), Error);
}

TEST_CASE("volume group: hyphens are doubled in mapped names") {
    CHECK(volume_group::group_of("vg-lv") == "vg");
    CHECK(volume_group::group_of("vg--a-lv--1") == "vg-a");
    CHECK(volume_group::group_of("vg--a-lv-real") == "vg-a");
    CHECK(volume_group::group_of("crypt") == "");
    CHECK(volume_group::group_of("vg--a") == "");
}

TEST_CASE("volume group: only its own LVM devices are members") {
    auto encrypted = volume("vg-x", {253, 9}, {});
    encrypted.uuid = "CRYPT-LUKS2-1";
    const auto found =
        volume_group::members({volume("vg-a", {253, 0}, {}), volume("vg--b-a", {253, 1}, {}),
                               volume("vg2-a", {253, 2}, {}), encrypted},
                              Vg_name::parse("vg"));
    REQUIRE(found.size() == 1);
    CHECK(found.front().name == "vg-a");
}

TEST_CASE("volume group: a volume that cannot do I/O is a fault") {
    const Files files;  // no block device 4095:1 exists anywhere
    CHECK(volume_group::faults({volume("vg-a", {253, 0}, {})}, files).empty());

    auto suspended = volume("vg-a", {253, 0}, {});
    suspended.suspended = true;
    CHECK(volume_group::faults({suspended}, files) ==
          std::vector<std::string>{"vg-a is suspended"});

    auto bare = volume("vg-a", {253, 0}, {});
    bare.has_live_table = false;
    CHECK(volume_group::faults({bare}, files) == std::vector<std::string>{"vg-a has no table"});

    CHECK(volume_group::faults({volume("vg-a", {253, 0}, {}, "error")}, files) ==
          std::vector<std::string>{"vg-a misses a physical volume"});
    CHECK(volume_group::faults({volume("vg-a", {253, 0}, {{4095, 1}})}, files) ==
          std::vector<std::string>{"vg-a lies on device 4095:1, which is gone"});
}
