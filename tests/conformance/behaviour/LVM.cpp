// SPDX-License-Identifier: GPL-2.0-or-later
// What LVM and LVM-activate do beside the rules: who may have a group, and what is no group.
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"
#include "support/fake_lvm.hpp"

using namespace san;

namespace {

/// A stage with a group of the test's own.
struct Play : test::Stage {
    explicit Play(test::Parameters more = {}) {
        parameters = {{"volgrpname", "vg_san"}};
        parameters.merge(more);
        lvm.own_system_id = "alice";
        lvm.answer(node.commands, node.mapper);
    }
    /// Whether LVM was asked to do something that begins like this.
    bool asked(const std::string& words) const {
        return std::any_of(node.commands.asked.begin(), node.commands.asked.end(),
                           [&](const std::string& line) { return line.starts_with(words); });
    }
    bool is_active() const { return !node.mapper.list.empty(); }
    void write(const std::string& path, const std::string& content) {
        const auto file = node.root.path() / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << content;
    }
    test::Fake_lvm lvm;
};

using Tags = std::vector<std::string>;

const test::Parameters tagging{{"vg_access_mode", "tagging"}};
const test::Parameters system_id{{"vg_access_mode", "system_id"}};

}  // namespace

TEST_CASE("tagging: start sets the tag before it activates, and stop takes it back") {
    Play play{tagging};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.lvm.tags == Tags{"pacemaker"});
    CHECK(play.asked("vgchange -ay --config activation/volume_list=[\"@pacemaker\"] vg_san"));
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags.empty());
}

TEST_CASE("tagging: exclusive means it, unless the access mode says otherwise") {
    Play play{{{"exclusive", "true"}, {"tag", "mine"}}};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.lvm.tags == Tags{"mine"});
    play.meta["clone_max"] = "2";
    CHECK(play.act("validate-all") == ocf::err_configured);

    Play plain{{{"exclusive", "true"}, {"vg_access_mode", "none"}}};
    REQUIRE(plain.act("start") == ocf::success);
    CHECK(plain.lvm.tags.empty());
}

TEST_CASE("tagging: a tag that start has not set is not taken away, and one of others is a claim") {
    Play play{tagging};
    play.lvm.tags = {"backup", "pacemaker"};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags == Tags{"backup", "pacemaker"});

    play.lvm.tags = {"theirs"};
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("theirs, not ours"));
    CHECK_FALSE(play.is_active());
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags == Tags{"theirs"});
}

TEST_CASE("tagging: a start that was killed between note and tag, or after it, leaves no tag") {
    Play play{tagging};
    play.write("run/resource-agents/san-lvm/vg_san/claim", "tag pacemaker\n");
    play.lvm.tags = {"backup"};
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags == Tags{"backup"});
    play.write("run/resource-agents/san-lvm/vg_san/claim", "tag pacemaker\n");
    play.lvm.tags = {"backup", "pacemaker"};
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags == Tags{"backup"});
}

TEST_CASE("tagging: a note that was not finished is no claim, and does not stay") {
    Play play{tagging};
    play.write("run/resource-agents/san-lvm/vg_san/.claim.new", "tag pac");
    play.lvm.tags = {"pac"};
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags == Tags{"pac"});
    CHECK(play.node.files.names("/run/resource-agents/san-lvm/vg_san").empty());
}

TEST_CASE("tagging: the tag stays as long as a volume of the group is active") {
    Play play{tagging};
    play.lvm.volumes = {"lun1", "lun2"};
    play.parameters["lvname"] = "lun1";
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.node.mapper.list.size() == 1);
    play.instance = "p_second";
    play.parameters["lvname"] = "lun2";
    REQUIRE(play.act("start") == ocf::success);
    play.instance = "p_test";
    play.parameters["lvname"] = "lun1";
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.monitor() == ocf::not_running);
    CHECK(play.lvm.tags == Tags{"pacemaker"});
    play.instance = "p_second";
    play.parameters["lvname"] = "lun2";
    CHECK(play.monitor() == ocf::success);
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.tags.empty());
}

TEST_CASE("an active group is only taken for started when this node owns it") {
    Play play{tagging};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.act("start") == ocf::success);
    play.lvm.tags.clear();
    CHECK(play.act("start") == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("active outside of the cluster"));
    CHECK_THAT(play.reason, ContainsSubstring("vgchange --setautoactivation n vg_san"));
    CHECK(play.act("stop") == ocf::success);
    CHECK_FALSE(play.is_active());
}

TEST_CASE("system_id: a group of another node of the cluster is taken, and stays") {
    Play play{system_id};
    play.lvm.system_id = "bob";
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.asked("vgchange --yes --config local/extra_system_ids=[\"bob\"] --systemid alice"));
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.system_id == "alice");
}

TEST_CASE("system_id: a group of a stranger is not taken") {
    Play play{system_id};
    play.lvm.system_id = "carol";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("carol, which is no node of this cluster"));
    CHECK(play.lvm.system_id == "carol");
    CHECK_FALSE(play.is_active());
}

TEST_CASE("system_id: a group of nobody is owned while it runs") {
    Play play{system_id};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.lvm.system_id == "alice");
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.lvm.system_id.empty());
}

TEST_CASE("system_id: a node without one is told which line to add") {
    Play play{system_id};
    play.lvm.own_system_id = "";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("system_id_source = \"uname\""));
}

TEST_CASE("a group that is protected otherwise is refused") {
    Play play;
    play.lvm.system_id = "bob";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("expected vg_access_mode=system_id"));
    play.lvm.system_id = "";
    play.lvm.lock_type = "dlm";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("expected vg_access_mode=lvmlockd"));
    play.lvm.lock_type = "";
    play.lvm.exported = true;
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("vgimport vg_san"));
    CHECK_FALSE(play.is_active());
}

TEST_CASE("lvmlockd: the lockspace is started, and stopped after the last volume") {
    Play play{{{"vg_access_mode", "lvmlockd"}}};
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("no lock type"));
    play.lvm.lock_type = "dlm";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("use_lvmlockd = 1"));
    play.lvm.settings["global/use_lvmlockd"] = "1";
    CHECK(play.act("start") == ocf::success);
    CHECK(play.asked("vgchange --lockstart vg_san"));
    CHECK(play.asked("vgchange -aey vg_san"));
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.asked("vgchange --lockstop vg_san"));
    play.parameters["activation_mode"] = "shared";
    CHECK(play.act("start") == ocf::success);
    CHECK(play.asked("vgchange -asy vg_san"));
}

TEST_CASE("a group that is seen twice is refused, with the line that lvm.conf needs") {
    Play play;
    play.lvm.devices = {{"/dev/vdb"}, {.name = "/dev/drbd0", .duplicate = true}};
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("vg_san is on /dev/drbd0 and on /dev/vdb: add "
                                              "\"r|^/dev/vdb$|\" to global_filter in lvm.conf"));
    CHECK_FALSE(play.is_active());
    play.lvm.settings["devices/use_devicesfile"] = "1";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("lvmdevices --deldev /dev/vdb"));
}

TEST_CASE("a group that LVM does not see") {
    Play play;
    play.lvm.visible = false;
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason,
               ContainsSubstring("=\"vg_san\": expected a volume group that LVM sees"));
}

TEST_CASE("a volume that the group does not have") {
    Play play{{{"lvname", "nosuch"}}};
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("lvname=\"nosuch\": expected a volume of vg_san"));
    CHECK_FALSE(play.is_active());
    CHECK(play.act("stop") == ocf::success);
}

TEST_CASE("a group that misses a physical volume is activated when that is wanted") {
    Play play;
    play.lvm.devices = {{"/dev/vdb"}, {.name = "[unknown]", .uuid = "PV-2", .missing = true}};
    CHECK(play.act("start") == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("misses 1 of 2 physical volumes"));
    play.parameters["partial_activation"] = "true";
    CHECK(play.act("start") == ocf::success);
    CHECK(play.asked("vgchange -ay --activationmode partial vg_san"));
    play.parameters["degraded_activation"] = "true";
    CHECK(play.act("start") == ocf::success);
    CHECK(play.asked("vgchange -ay --activationmode degraded vg_san"));
}

TEST_CASE("a volume_list that keeps the group inactive is named") {
    Play play;
    play.lvm.volumes.clear();
    CHECK(play.act("start") == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("no logical volume"));
    play.lvm.settings["activation/volume_list"] = "[\"vg_root\"]";
    CHECK(play.act("start") == ocf::err_args);
    CHECK_THAT(play.reason, ContainsSubstring("volume_list in lvm.conf keeps vg_san inactive"));
}

TEST_CASE("monitor: a volume that start has activated is missed, unless it was removed") {
    Play play;
    play.lvm.volumes = {"lun1", "lun2"};
    const std::string group(32, 'g');
    const auto printed = [](const std::string& id) {
        auto text = id;
        for (const std::size_t at : {26, 22, 18, 14, 10, 6}) text.insert(at, "-");
        return text;
    };
    const auto first = printed(std::string(31, 'v') + "1"),
               second = printed(std::string(31, 'v') + "2");
    play.write("etc/lvm/backup/vg_san", printed(group) + "\n" + first + "\n" + second + "\n");
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.monitor() == ocf::success);
    play.node.mapper.remove("vg_san-lun2");
    CHECK(play.monitor() == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("vg_san-lun2 is not active"));
    play.write("etc/lvm/backup/vg_san", printed(group) + "\n" + first + "\n");
    CHECK(play.monitor() == ocf::success);
    // Somebody else's group of that name says nothing.
    play.write("etc/lvm/backup/vg_san", "other\n");
    CHECK(play.monitor() == ocf::err_generic);
}

TEST_CASE("monitor: a start that was killed half way is no running group") {
    Play play;
    REQUIRE(play.act("start") == ocf::success);
    play.write("run/resource-agents/san-volumes-p_test", "unfinished\n");
    CHECK(play.probe() == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("not completely started"));
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.probe() == ocf::not_running);
}

TEST_CASE("monitor: what was active before the agent came is running") {
    Play play;
    REQUIRE(play.act("start") == ocf::success);
    std::filesystem::remove(play.node.root.path() / "run/resource-agents/san-volumes-p_test");
    CHECK(play.monitor() == ocf::success);
}

TEST_CASE("probe: what another agent has started has to stay as it is found") {
    Play play;
    play.lvm.volumes = {"lun1", "lun2"};
    REQUIRE(play.act("start") == ocf::success);
    std::filesystem::remove(play.node.root.path() / "run/resource-agents/san-volumes-p_test");
    CHECK(play.probe() == ocf::success);
    play.node.mapper.remove("vg_san-lun2");
    CHECK(play.monitor() == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("vg_san-lun2 is not active"));
    // A later probe does not make that right.
    CHECK(play.probe() == ocf::err_generic);
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.probe() == ocf::not_running);
}

TEST_CASE("monitor at depth 10 reads every volume, in a child") {
    Play play;
    REQUIRE(play.act("start") == ocf::success);
    play.environment["OCF_CHECK_LEVEL"] = "10";
    CHECK(play.monitor() == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("/dev/dm-0"));
    CHECK(play.node.bounded.steps.back() == "a read of vg_san-lun1");
    play.write("dev/dm-0", std::string(4096, 'x'));
    CHECK(play.monitor() == ocf::success);
}

TEST_CASE("stop: a volume that is open is named with who has it, within the timeout") {
    Play play;
    play.lvm.volumes = {"lun1", "lun2"};
    REQUIRE(play.act("start") == ocf::success);
    play.node.mapper.list.front().open_count = 1;
    play.write("proc/self/mountinfo", "36 35 253:0 / /srv rw - ext4 /dev/dm-0 rw\n");
    play.meta["timeout"] = "1000";
    CHECK(play.act("stop") == ocf::err_generic);
    CHECK_THAT(play.reason, ContainsSubstring("vg_san-lun1 in use by /srv"));
    CHECK_THAT(play.reason, !ContainsSubstring("lun2"));
    CHECK(play.monitor() == ocf::success);
    play.node.mapper.list.front().open_count = 0;
    CHECK(play.act("stop") == ocf::success);
}

TEST_CASE("stop: udev is waited for when that is wanted") {
    Play play{{{"wait_for_udev", "true"}}};
    REQUIRE(play.act("start") == ocf::success);
    CHECK(play.act("stop") == ocf::success);
    CHECK(play.asked("udevadm settle --timeout="));
}
