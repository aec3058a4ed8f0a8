// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_group.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/fake_mapper.hpp"

using namespace san;

namespace {

Mapped_device volume(const std::string& name, Device_number number,
                     std::vector<Device_number> below = {}) {
    return {.name = name,
            .uuid = "LVM-" + name,
            .number = number,
            .has_live_table = true,
            .table = {{"linear", ""}},
            .below = std::move(below)};
}

std::vector<std::string> names(const volume_group::Members& members) {
    std::vector<std::string> found;
    for (const auto& device : members) found.push_back(device.name);
    return found;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Vg_name: takes what lvm(8) calls valid, and nothing else") {
    CHECK(Vg_name::parse("vg_san-1.a+b").to_text() == "vg_san-1.a+b");
    for (const auto* bad : {"", "-vg", ".", "..", "a/b", "a b", "vg;reboot"}) {
        CHECK_THROWS_AS(Vg_name::parse(bad), Error);
        CHECK_THROWS_AS(Lv_name::parse(bad), Error);
    }
    CHECK_THROWS_AS(Vg_name::parse(std::string(128, 'a')), Error);
}

TEST_CASE("volume group: hyphens are doubled in mapped names") {
    CHECK(volume_group::group_of("vg-lv") == "vg");
    CHECK(volume_group::group_of("vg--a-lv--1") == "vg-a");
    CHECK(volume_group::group_of("vg--a-lv-real") == "vg-a");
    CHECK(volume_group::group_of("crypt") == "");
    CHECK(volume_group::group_of("vg--a") == "");
    CHECK(volume_group::mapped_name(Vg_name::parse("vg-a"), Lv_name::parse("lv-1")) ==
          "vg--a-lv--1");
}

TEST_CASE("volume group: only its own LVM devices are members") {
    test::Fake_mapper mapper;
    auto encrypted = volume("vg-x", {253, 9});
    encrypted.uuid = "CRYPT-LUKS2-1";
    mapper.list = {volume("vg-a", {253, 0}), volume("vg--b-a", {253, 1}), volume("vg2-a", {253, 2}),
                   encrypted};
    CHECK(names(volume_group::members(mapper, Vg_name::parse("vg"))) == Names{"vg-a"});
}

TEST_CASE("volume group: what nothing of it lies on is on top, and a volume brings what is below") {
    const volume_group::Members all{volume("vg-thin1", {253, 3}, {{253, 2}}),
                                    volume("vg-thin2", {253, 4}, {{253, 2}}),
                                    volume("vg-pool-tpool", {253, 2}, {{253, 0}, {253, 1}}),
                                    volume("vg-pool_tmeta", {253, 0}),
                                    volume("vg-pool_tdata", {253, 1}),
                                    volume("vg-plain", {253, 5})};
    CHECK(names(volume_group::tops(all)) == Names{"vg-thin1", "vg-thin2", "vg-plain"});

    const auto one = [&](const char* lv) {
        return names(
            volume_group::of({.group = Vg_name::parse("vg"), .volume = Lv_name::parse(lv)}, all));
    };
    CHECK(one("thin1") == Names{"vg-thin1", "vg-pool-tpool", "vg-pool_tmeta", "vg-pool_tdata"});
    CHECK(one("plain") == Names{"vg-plain"});
    CHECK(one("none").empty());
    CHECK(names(volume_group::of({.group = Vg_name::parse("vg")}, all)) == names(all));
}
