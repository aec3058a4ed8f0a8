// SPDX-License-Identifier: GPL-2.0-or-later
// Commands that SCST queues, and what came of them.
#include "kernel/scst_queue.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "kernel/process_lock.hpp"
#include "support/catch.hpp"
#include "support/fake_scst.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

constexpr auto handler = "handlers/vdisk_fileio/mgmt";
constexpr auto command = "add_device disk1 filename=/disk";

struct Tree : test::Fake_scst {
    Tree() {
        files["/disk"] = {.bytes = 1 << 20};
        load_handlers();
    }
};

Deadline soon() { return Deadline::in(5s); }

}  // namespace

TEST_CASE("scst queue: a result at once, and one that is waited for") {
    Tree tree;
    CHECK(scst::submit(tree, handler, command, soon()).errnum == 0);
    const auto again = scst::submit(tree, handler, command, soon());
    CHECK(again.errnum == EEXIST);
    CHECK_FALSE(again.shared);
    tree.queues = true;
    tree.busy_reads = 3;
    const auto queued = scst::submit(tree, handler, command, soon());
    CHECK(queued.errnum == EEXIST);
    CHECK(queued.shared);
    CHECK(scst::submit(tree, handler, "del_device disk1", soon()).errnum == 0);
    CHECK_FALSE(tree.has("devices/disk1"));
}

TEST_CASE("scst queue: a write that a signal ends is not written again") {
    Tree tree;
    tree.interrupted_writes = 1;
    const auto result = scst::submit(tree, handler, command, soon());
    CHECK(result.errnum == 0);
    CHECK(result.shared);
    CHECK(tree.asked.size() == 1);
    CHECK(tree.has("devices/disk1"));
}

TEST_CASE("scst queue: time is up, and nothing is written again") {
    Tree tree;
    tree.queues = true;
    tree.busy_reads = 1000000;
    CHECK_THROWS_WITH(scst::submit(tree, handler, command, Deadline::in(60ms)),
                      ContainsSubstring("time is up"));
    CHECK(tree.asked.size() == 1);
    CHECK(scst::is_busy(tree));
    CHECK_FALSE(scst::await_quiet(tree, Deadline::in(60ms)));
}

TEST_CASE("scst queue: values without their mark, late ones, and none") {
    Tree tree;
    REQUIRE(scst::submit(tree, handler, command, soon()).errnum == 0);
    tree.slow_reads = 3;
    CHECK(scst::find(tree, "devices/disk1/filename", soon()) == "/disk");
    CHECK(scst::find(tree, "devices/disk1/nv_cache", soon()) == "0");
    CHECK(scst::find(tree, "devices/disk1/naa_id", soon()) == "");
    CHECK(scst::find(tree, "devices/disk1/pr_state", soon()) == "version 1 generation 0");
    CHECK(scst::find(tree, "targets/iscsi/enabled", soon()) == std::nullopt);
    tree.slow_reads = 1000000;
    CHECK_THROWS_AS(scst::find(tree, "devices/disk1/filename", Deadline::in(60ms)), Error);
}

TEST_CASE("scst: a node without it has nothing there") {
    test::Fake_scst tree;
    CHECK_FALSE(tree.is_loaded());
    CHECK(tree.names("devices").empty());
    CHECK(scst::find(tree, "devices/disk1/usn", soon()) == std::nullopt);
    CHECK(tree.write("targets/iscsi/mgmt", "add_target x") == ENOENT);
    const auto real = make_scst_tree();
    if (real->is_loaded()) return;
    CHECK(real->names("devices").empty());
    CHECK_FALSE(real->has("targets/iscsi"));
    CHECK_FALSE(real->find_link("devices/disk1/handler"));
    CHECK(real->read("last_sysfs_mgmt_res").errnum == ENOENT);
    CHECK(real->write("targets/iscsi/mgmt", "add_target x") == ENOENT);
    CHECK_FALSE(scst::is_busy(*real));
}

TEST_CASE("scst: the real tree reads, writes and follows links as the fake does") {
    const test::Fake_root root;
    const auto& top = root.path();
    std::filesystem::create_directories(top / "devices/disk1/exported");
    std::filesystem::create_directories(top / "targets/iscsi/iqn.x/luns/1");
    std::ofstream{top / "devices/disk1/usn"} << "0123\n[key]\n";
    std::ofstream{top / "mgmt"} << "";
    std::filesystem::create_symlink("../../../targets/iscsi/iqn.x/luns/1",
                                    top / "devices/disk1/exported/export0");
    const auto tree = make_scst_tree(top, top / "lock");
    CHECK(tree->is_loaded());
    CHECK(tree->names("devices/disk1") == std::vector<std::string>{"exported", "usn"});
    CHECK(tree->find_link("devices/disk1/exported/export0") == "targets/iscsi/iqn.x/luns/1");
    CHECK_FALSE(tree->find_link("devices/disk1/usn"));
    CHECK(tree->has("devices/disk1/exported/export0"));
    CHECK(tree->read("devices/disk1/usn").text == "0123\n[key]\n");
    CHECK(scst::find(*tree, "devices/disk1/usn", soon()) == "0123");
    CHECK(tree->read("devices").errnum == EISDIR);
    CHECK(tree->write("devices", "x") == EISDIR);
    CHECK(tree->write("mgmt", "add_device x") == 0);
    CHECK(tree->read("mgmt").text == "add_device x");
    // Another process does not have the lock while it lives, and gets it then.
    auto held = tree->lock();
    int refused[2];
    REQUIRE(::pipe(refused) == 0);
    const auto other = ::fork();
    if (other == 0) {
        if (process_lock::take(top / "lock") || ::write(refused[1], "", 1) != 1) ::_exit(1);
        ::_exit(make_scst_tree(top, top / "lock")->lock() ? 0 : 1);
    }
    ::close(refused[1]);
    char byte = 0;
    CHECK(::read(refused[0], &byte, 1) == 1);
    ::close(refused[0]);
    held.reset();
    int status = -1;
    CHECK(::waitpid(other, &status, 0) == other);
    CHECK(status == 0);
    CHECK_THROWS_AS(make_scst_tree(top, top / "absent/lock")->lock(), Error);
}

TEST_CASE("process lock: who waits gets it when the holder has died") {
    const test::Fake_root root;
    const auto file = root.path() / "lock";
    int held[2], end[2];
    REQUIRE(::pipe(held) == 0);
    REQUIRE(::pipe(end) == 0);
    const auto holder = ::fork();
    if (holder == 0) {
        const auto lock = process_lock::await(file);
        char byte = lock ? 1 : 0;
        if (::write(held[1], &byte, 1) == 1 && ::read(end[0], &byte, 1) == 1) ::_exit(0);
        ::_exit(1);
    }
    char byte = 0;
    REQUIRE(::read(held[0], &byte, 1) == 1);
    CHECK(byte == 1);
    CHECK(process_lock::find_holder(file) == holder);
    CHECK_FALSE(process_lock::take(file));
    const auto waiter = ::fork();
    if (waiter == 0) ::_exit(process_lock::await(file) ? 0 : 1);
    CHECK(::waitpid(waiter, nullptr, WNOHANG) == 0);
    REQUIRE(::write(end[1], &byte, 1) == 1);
    int status = -1;
    CHECK(::waitpid(waiter, &status, 0) == waiter);
    CHECK(status == 0);
    CHECK(::waitpid(holder, nullptr, 0) == holder);
    for (const auto fd : {held[0], held[1], end[0], end[1]}) ::close(fd);
    CHECK_FALSE(process_lock::await(root.path() / "absent" / "lock"));
}
