// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_picture.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

constexpr auto proc_84 =
    "version: 8.4.11 (api:1/proto:86-101)\n"
    "srcversion: B438804C5AE8C84C95D0411\n"
    " 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----\n"
    "    ns:4 nr:0 dw:4 dr:0 al:1 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0\n"
    "\n"
    " 2: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----\n"
    "    ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:4096\n";

struct Stage {
    Stage() { std::filesystem::create_directory(node.root.path() / "proc"); }
    void proc(const std::string& text) { std::ofstream{node.root.path() / "proc/drbd"} << text; }
    std::string take(const std::vector<std::string>& minors) {
        return replica_picture::take("r0", minors, node.system, Deadline::in(2s));
    }
    test::Node node;
};

const std::string third =
    "     2: cs:StandAlone ro:Secondary/Unknown ds:UpToDate/DUnknown   r-----\n"
    "        ns:0 nr:0 dw:0 dr:0 al:0 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:4096\n";

}  // namespace

TEST_CASE("picture: of 8.4 the lines of the minors, and netlink is left alone") {
    Stage stage;
    stage.proc(proc_84);
    stage.node.drbd.module_loaded = true;
    stage.node.drbd.resources["r0"] = {.name = "r0"};
    CHECK(stage.take({"2"}) == third);
    CHECK_THAT(stage.take({}), ContainsSubstring(" 0: cs:Connected"));
    CHECK(stage.take({"1"}) == "    /proc/drbd does not show r0.\n");
    CHECK(stage.node.bounded.steps.empty());
}

TEST_CASE("picture: of 9 what the kernel tells") {
    Stage stage;
    stage.proc("version: 9.3.3 (api:2/proto:118-124)\nTransports (api:21): tcp (9.3.3)\n");
    CHECK(stage.take({}) == "    r0 is not configured.\n");
    stage.node.drbd.module_loaded = true;
    stage.node.drbd.resources["r0"] = {.name = "r0",
                                       .role = drbd::Role::primary,
                                       .suspended = true,
                                       .volumes = {{.number = 0,
                                                    .minor = 1000,
                                                    .disk = drbd::Disk::up_to_date,
                                                    .has_quorum = false}},
                                       .peers = {{.name = "bob", .volumes = {{.volume = 0}}}}};
    CHECK(stage.take({"1000"}) ==
          "    r0 role:Primary suspended:yes\n"
          "      volume:0 minor:1000 disk:UpToDate quorum:no\n"
          "      bob connection:StandAlone role:Unknown\n"
          "        volume:0 replication:Off peer-disk:DUnknown\n");
    CHECK(stage.node.bounded.steps.size() == 2);
}

TEST_CASE("picture: without the module there is none") {
    Stage stage;
    CHECK(stage.take({}) == "    DRBD's module is not loaded.\n");
}
