// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_health.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;

namespace {

constexpr Device_number disk{8, 16};

/// A group on one disk, whose volumes are added by the test.
class Group {
public:
    Group() { set_size("2048"); }

    void set_size(const std::string& sectors) {
        const auto place = root_.path() / "sys/dev/block/8:16";
        std::filesystem::create_directories(place);
        std::ofstream{place / "size"} << sectors << "\n";
    }
    void lose_disk() { std::filesystem::remove_all(root_.path() / "sys/dev/block/8:16"); }

    Mapped_device& add(const std::string& name, unsigned minor, const std::string& type,
                       std::vector<Device_number> below, const std::string& status = "") {
        mapper.status[name] = status;
        mapper.list.push_back({.name = name,
                               .uuid = "LVM-" + name,
                               .number = {253, minor},
                               .has_live_table = true,
                               .table = {{type, ""}},
                               .below = std::move(below)});
        return mapper.list.back();
    }
    std::vector<std::string> faults(const volume_group::Tolerated& tolerated = {}) {
        const auto all = volume_group::members(mapper, Vg_name::parse("vg"));
        return volume_group::faults(all, all, files_, mapper, tolerated);
    }

    test::Fake_mapper mapper;

private:
    test::Fake_root root_;
    Files files_{root_.path()};
};

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("volume health: a volume that cannot do I/O is a fault") {
    Group group;
    auto& volume = group.add("vg-a", 0, "linear", {disk});
    CHECK(group.faults().empty());
    volume.suspended = true;
    CHECK(group.faults() == Found{"vg-a is suspended"});
    volume.suspended = false;
    volume.has_live_table = false;
    CHECK(group.faults() == Found{"vg-a has no table"});
}

TEST_CASE("volume health: the device below is gone, or has no sectors left") {
    Group group;
    group.add("vg-a", 0, "linear", {disk});
    group.set_size("0");
    CHECK(group.faults() == Found{"vg-a lies on device 8:16, which is gone"});
    group.lose_disk();
    CHECK(group.faults() == Found{"vg-a lies on device 8:16, which is gone"});
    CHECK(group.faults({.missing_parts = true}).empty());
}

TEST_CASE("volume health: a missing part is a fault unless the group is wanted in part") {
    Group group;
    group.add("vg-a", 0, "error", {});
    CHECK(group.faults() == Found{"vg-a misses a physical volume"});
    CHECK(group.faults({.missing_parts = true}).empty());
}

TEST_CASE("volume health: a raid lives with as many lost parts as it can do without") {
    struct Case {
        std::string status;
        Found faults;
    };
    const auto lost = [](const std::string& what) { return Found{"vg-r has lost " + what}; };
    for (const auto& [status, faults] :
         std::vector<Case>{{"raid1 2 AA 2048/2048 idle 0 0 -", {}},
                           {"raid1 2 DA 2048/2048 idle 0 0 -", {}},
                           {"raid1 2 DD 2048/2048 idle 0 0 -", lost("2 of 2 parts")},
                           {"raid5_ls 3 ADA 2048/2048 idle 0 0 -", {}},
                           {"raid5_ls 3 ADD 2048/2048 idle 0 0 -", lost("2 of 3 parts")},
                           {"raid6_zr 5 ADDAA 2048/2048 idle 0 0 -", {}},
                           {"raid6_zr 5 ADDDA 2048/2048 idle 0 0 -", lost("3 of 5 parts")},
                           {"raid10 4 ADAD 2048/2048 idle 0 0 -", {}},
                           {"raid0 2 AD 2048/2048 idle 0 0 -", lost("1 of 2 parts")}}) {
        Group group;
        INFO(status);
        group.add("vg-r", 2, "raid", {{253, 0}, {253, 1}}, status);
        group.add("vg-r_rimage_0", 0, "error", {});
        group.add("vg-r_rimage_1", 1, "linear", {disk});
        CHECK(group.faults() == faults);
    }
}

TEST_CASE("volume health: but a part of a raid that is suspended stops it") {
    Group group;
    group.add("vg-r", 1, "raid", {{253, 0}}, "raid1 1 A 2048/2048 idle 0 0 -");
    group.add("vg-r_rimage_0", 0, "linear", {disk}).suspended = true;
    CHECK(group.faults() == Found{"vg-r_rimage_0 is suspended"});
}

TEST_CASE("volume health: a mirror without any part") {
    Group group;
    group.add("vg-m", 0, "mirror", {}, "2 253:1 253:2 1/1 1 AD 3 disk 253:3 A");
    CHECK(group.faults().empty());
    group.mapper.status["vg-m"] = "2 253:1 253:2 1/1 1 DD 3 disk 253:3 A";
    CHECK(group.faults() == Found{"vg-m has lost all of its 2 parts"});
}

TEST_CASE("volume health: pools that have failed, are read-only or full") {
    Group group;
    group.add("vg-t", 1, "thin", {{253, 0}}, "1024 2047");
    group.add("vg-p-tpool", 0, "thin-pool", {disk}, "1 12/1024 10/100 - rw discard_passdown -");
    CHECK(group.faults().empty());
    group.mapper.status["vg-p-tpool"] = "1 12/1024 100/100 - out_of_data_space discard_passdown -";
    CHECK(group.faults() == Found{"vg-p-tpool has no space left"});
    group.mapper.status["vg-p-tpool"] = "1 12/1024 10/100 - ro discard_passdown -";
    CHECK(group.faults() == Found{"vg-p-tpool is read-only"});
    group.mapper.status["vg-p-tpool"] = "Fail";
    group.mapper.status["vg-t"] = "Fail";
    CHECK(group.faults() == Found{"vg-t answers with errors", "vg-p-tpool answers with errors"});
}

TEST_CASE("volume health: a snapshot without room does not take its origin with it") {
    Group group;
    group.add("vg-snap", 0, "snapshot", {disk}, "Invalid");
    CHECK(group.faults().empty());
    CHECK(group.faults({.lost_snapshots = false}) == Found{"vg-snap answers with errors"});
}

TEST_CASE("volume health: a device below many volumes is told of once") {
    Group group;
    group.add("vg-a", 0, "linear", {disk});
    group.add("vg-b", 1, "linear", {disk});
    group.lose_disk();
    CHECK(group.faults().size() == 1);
}
