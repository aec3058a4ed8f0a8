// SPDX-License-Identifier: GPL-2.0-or-later
// How iSCSILogicalUnit keeps persistent reservations.
#include <algorithm>
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "storage/backstore.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

const std::string line =
    "initiator_fabric=iSCSI,initiator_node=iqn.2026-01.org.example:a,initiator_sid=8000000a0000,"
    "sa_res_key=161,res_holder=1,res_type=01,res_scope=00,res_all_tg_pt=0,mapped_lun=1,"
    "target_fabric=iSCSI,target_node=iqn.2026-01.org.example:disk1,tpgt=1,port_rtpi=1,target_lun=1";
const std::string none = "No Registrations or Reservations\n";

std::string block(std::string text) {
    std::replace(text.begin(), text.end(), ',', '\n');
    return "PR_REG_START: 0\n" + text + "\nPR_REG_END: 0\n";
}

/// A node whose cluster has one property.
class Reserved : public Stage {
public:
    Reserved() {
        parameters["scsi_sn"] = "disk1";
        node.commands.on({"crm_attribute"}).does([this] { answer(); });
        query = &node.commands.on(call("--query"));
        node.commands.on(call("--update")).does([this] {
            stored = text::words(node.commands.asked.back()).back();
            answer();
        });
        node.commands.on(call("--delete")).does([this] {
            stored.clear();
            answer();
        });
        answer();
    }
    static std::vector<std::string> call(const std::string& what) {
        return {"crm_attribute",    "--type", "crm_config",  "--set-name",
                "san-reservations", "--name", "aptpl-disk1", what};
    }
    void answer() const { query->exits(stored.empty() ? 105 : 0).prints(stored + "\n"); }
    void store(const std::string& text) {
        stored = text;
        answer();
    }

    /// As the kernel does when an initiator has registered.
    void note(const std::string& text, const std::string& end = std::string(1, '\0')) const {
        std::filesystem::create_directories(file().parent_path());
        std::ofstream{file()} << text << end;
    }
    std::filesystem::path file() const { return node.root.path() / "var/target/pr/aptpl_disk1"; }
    std::string registered() const {
        const auto device = lio::backstores("p_test", node.configfs).at(0);
        return node.configfs.find(device / "pr/res_pr_registered_i_pts").value();
    }
    std::size_t commands_run() const { return node.commands.asked.size(); }

    std::string stored;

private:
    test::Fake_commands::Reply* query = nullptr;
};

}  // namespace

TEST_CASE("iSCSILogicalUnit: what the cluster has is restored, and no note of this node") {
    Reserved stage;
    stage.store(line);
    stage.note(none);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("iqn.2026-01.org.example:a"));
    CHECK_FALSE(std::filesystem::exists(stage.file()));
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.stored == line);
}

TEST_CASE("iSCSILogicalUnit: a change is stored as it is made, once") {
    Reserved stage;
    REQUIRE(stage.act("start") == ocf::success);
    const auto before = stage.commands_run();
    stage.note(block(line));
    stage.node.watchers.wake();
    CHECK(stage.stored == line);
    stage.node.watchers.wake();
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.commands_run() == before + 1);
    stage.note(none);
    stage.node.watchers.wake();
    CHECK(stage.stored.empty());
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.commands_run() == before + 2);
    CHECK(stage.node.watchers.watches.empty());
}

TEST_CASE("iSCSILogicalUnit: what the watcher has missed is stored by stop") {
    Reserved stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.note(block(line));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.stored == line);
}

TEST_CASE("iSCSILogicalUnit: a half-written note changes nothing") {
    Reserved stage;
    stage.store(line);
    REQUIRE(stage.act("start") == ocf::success);
    stage.note("", "");
    stage.node.watchers.wake();
    stage.note("PR_REG_START: 0\ninitiator_fab", "");
    stage.node.watchers.wake();
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.stored == line);
}

TEST_CASE("iSCSILogicalUnit: monitor starts a watcher that has died, and one for an older unit") {
    Reserved stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.node.watchers.watches.clear();
    stage.note(block(line));
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.stored == line);
    stage.node.watchers.watches.clear();
    std::filesystem::remove_all(stage.node.root.path() / "run");
    stage.store("");
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.stored == line);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("iSCSILogicalUnit: start fails when the cluster is silent or has something else") {
    Reserved stage;
    stage.store("not what the kernel writes");
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("expected what the kernel writes"));
    stage.node.commands.on({"crm_attribute"}).exits(124).complains("Timeout");
    CHECK(stage.act("start") == ocf::err_generic);
    CHECK_THAT(stage.reason, ContainsSubstring("Timeout"));
    CHECK(stage.probe() == ocf::not_running);
    CHECK(stage.act("stop") == ocf::success);
}

TEST_CASE("iSCSILogicalUnit: stop succeeds when the cluster takes nothing") {
    Reserved stage;
    REQUIRE(stage.act("start") == ocf::success);
    stage.note(block(line));
    stage.node.commands.on({"crm_attribute"}).exits(124).complains("Timeout");
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.monitor() == ocf::not_running);
}

TEST_CASE("iSCSILogicalUnit: without a cluster the node's own note is restored") {
    Reserved stage;
    stage.node.commands.uninstall("crm_attribute");
    stage.note(block(line));
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("iqn.2026-01.org.example:a"));
    CHECK(std::filesystem::exists(stage.file()));
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.watchers.started == 0);
    CHECK(stage.act("stop") == ocf::success);
    stage.note(block(line), "");
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("None"));
}

TEST_CASE("iSCSILogicalUnit: reservations=forget restores nothing and drops what was kept") {
    Reserved stage;
    stage.parameters["reservations"] = "forget";
    stage.store(line);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("None"));
    CHECK(stage.stored.empty());
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.node.watchers.started == 0);
    stage.note(block(line));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.stored.empty());
}

TEST_CASE("iSCSILogicalUnit: with a directory the kernel notes there, and a whole copy is kept") {
    Reserved stage;
    const auto shared = stage.node.root.path() / "shared";
    stage.parameters["reservations_dir"] = "/shared";
    CHECK(stage.act("start") == ocf::err_args);
    CHECK_THAT(stage.reason, ContainsSubstring("reservations_dir=\"/shared\": expected"));
    std::filesystem::create_directory(shared);
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(std::filesystem::read_symlink(stage.file()) == shared / "aptpl_disk1");
    const auto commands = stage.commands_run();
    stage.note(block(line));
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(stage.file())));

    // The power went while the kernel was writing.
    std::ofstream{shared / "aptpl_disk1"}.close();
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("iqn.2026-01.org.example:a"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.commands_run() == commands);
}

TEST_CASE("iSCSILogicalUnit: a serial number that makes no file name is served, not kept") {
    Reserved stage;
    stage.parameters["scsi_sn"] = "../../../disk";
    const auto commands = stage.commands_run();
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.commands_run() == commands);
}

TEST_CASE("iSCSILogicalUnit: a unit that several nodes show at once keeps no reservations") {
    Reserved stage;
    stage.store(line);
    stage.parameters["alua_group_id"] = "alice:1 bob:2";
    REQUIRE(stage.act("start") == ocf::success);
    CHECK_THAT(stage.registered(), ContainsSubstring("None"));
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.commands_run() == 0);
    CHECK(stage.node.watchers.started == 0);
    CHECK(stage.stored == line);
}
