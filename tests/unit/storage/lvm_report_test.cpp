// SPDX-License-Identifier: GPL-2.0-or-later
// Reports as LVM 2.03.16 prints them.
#include "storage/lvm_report.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const auto two = R"(  {
      "report": [
          {
              "pv": [
                  {"pv_name":"/dev/loop6", "pv_uuid":"8lmtRl-w3at-jZeH-V7vU-B1Ia-2S9x-P7saru", "pv_missing":"", "pv_duplicate":"", "vg_name":"vgx", "vg_uuid":"fF2YES-X5NR-8y4W-TJSJ-3rfh-zyEF-HGCH5T", "vg_systemid":"alice", "vg_tags":"a=b,pacemaker", "vg_lock_type":"", "vg_exported":""},
                  {"pv_name":"[unknown]", "pv_uuid":"9yJXdz-Idaa-eM2e-dvQY-s653-0SOh-zCKlXt", "pv_missing":"missing", "pv_duplicate":"", "vg_name":"vgx", "vg_uuid":"fF2YES-X5NR-8y4W-TJSJ-3rfh-zyEF-HGCH5T", "vg_systemid":"alice", "vg_tags":"a=b,pacemaker", "vg_lock_type":"", "vg_exported":""}
              ]
          }
      ]
  }
)";
const auto none = "  {\n  \"report\": [\n {\n \"pv\": [\n ]\n }\n ]\n }\n";

const auto name = Vg_name::parse("vgx");

}  // namespace

TEST_CASE("LVM's report: a group with its owner, tags and physical volumes") {
    test::Fake_commands commands;
    commands.on({"pvs"}).prints(two);
    const auto group = lvm::find_group(commands, name, Deadline::in(1s));
    REQUIRE(group);
    CHECK(group->system_id == "alice");
    CHECK(group->tags == std::vector<std::string>{"a=b", "pacemaker"});
    CHECK_FALSE(group->is_shared());
    CHECK_FALSE(group->is_exported);
    CHECK(group->missing() == 1);
    REQUIRE(group->physical.size() == 2);
    CHECK(group->physical[0].name == "/dev/loop6");
    CHECK(group->physical[1].is_missing);
}

TEST_CASE("LVM's report: a group that is not there") {
    test::Fake_commands commands;
    commands.on({"pvs"}).prints(none);
    CHECK_FALSE(lvm::find_group(commands, name, Deadline::in(1s)));
    commands.on({"pvs"}).exits(5).complains("no device");
    CHECK_THROWS_WITH(lvm::find_group(commands, name, Deadline::in(1s)), "pvs: no device");
}

TEST_CASE("LVM's report: two groups of one name are told apart") {
    auto rows = lvm::rows(two);
    rows[1]["vg_uuid"] = "other";
    CHECK_THROWS_WITH(lvm::group_of(rows, name), ContainsSubstring("two volume groups"));
}

TEST_CASE("LVM's report: what is none is refused") {
    CHECK(lvm::rows(R"({"a":"x \"y\" \\z"})").front().at("a") == R"(x "y" \z)");
    for (const auto* bad : {"", "{", "[", R"({"a")", R"({"a":})", R"({"a":"b)", R"({"a":"b"} x)",
                            R"({"a":1})", "vgs: error"})
        CHECK_THROWS_AS(lvm::rows(bad), Error);
    CHECK_THROWS_AS(lvm::rows(std::string(100000, '[')), Error);
}

TEST_CASE("LVM's settings and the node's system id") {
    test::Fake_commands commands;
    commands.on({"lvmconfig"}).exits(5);
    commands.on({"lvmconfig", "--typeconfig", "full", "activation/volume_list"})
        .prints("volume_list=[\"vg1\",\"@tag\"]\n");
    CHECK(lvm::setting(commands, "activation/volume_list", Deadline::in(1s)) ==
          "[\"vg1\",\"@tag\"]");
    CHECK(lvm::setting(commands, "global/none", Deadline::in(1s)).empty());
    commands.on({"lvm", "systemid"}).prints("  system ID: alice\n");
    CHECK(lvm::own_system_id(commands, Deadline::in(1s)) == "alice");
    commands.on({"lvm", "systemid"}).prints("  system ID: \n");
    CHECK(lvm::own_system_id(commands, Deadline::in(1s)).empty());
}
