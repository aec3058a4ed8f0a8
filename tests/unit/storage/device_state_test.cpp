// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_state.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using Found = std::vector<std::string>;

namespace {

/// A node's block devices, as sysfs shows them.
class Stack {
public:
    void add(const std::string& at, const std::string& content) {
        const auto file = root_.path() / "sys/dev/block" / at;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << content << "\n";
    }
    void add_mapped(const std::string& at, const std::string& name, Device_number number,
                    const std::string& type) {
        add(at + "/dev", number.to_text());
        add(at + "/dm/name", name);
        add(at + "/dm/suspended", "0");
        mapper_.list.push_back({.name = name,
                                .uuid = "",
                                .number = number,
                                .has_live_table = true,
                                .table = {{type, ""}}});
    }
    void link(const std::string& at, const std::string& to) {
        const auto all = root_.path() / "sys/dev/block";
        std::filesystem::create_directories((all / at).parent_path());
        std::filesystem::create_directory_symlink(all / to, all / at);
    }
    Found faults() { return device_state::faults({253, 0}, files_, mapper_); }
    bool is_busy() { return device_state::is_busy({253, 0}, files_); }
    Found suspended() { return device_state::suspended({253, 0}, files_); }

    test::Fake_mapper mapper_;

private:
    test::Fake_root root_;
    Files files_{root_.path()};
};

}  // namespace

TEST_CASE("device state: a suspended device is seen below others") {
    Stack stack;
    stack.add_mapped("253:0", "lun", {253, 0}, "linear");
    stack.add_mapped("253:0/slaves/dm-1", "mpath", {253, 1}, "multipath");
    stack.add("253:0/slaves/dm-1/slaves/sda/device/state", "running");
    CHECK(stack.faults().empty());
    stack.add("253:0/slaves/dm-1/dm/suspended", "1");
    CHECK(stack.suspended() == Found{"mpath is suspended"});
    CHECK(stack.faults() == Found{"mpath is suspended"});
}

TEST_CASE("device state: a table of errors, or a target that has given up") {
    Stack stack;
    stack.add_mapped("253:0", "lun", {253, 0}, "thin");
    CHECK(stack.faults().empty());
    stack.mapper_.status["lun"] = "0 20480";
    CHECK(stack.faults().empty());
    stack.mapper_.status["lun"] = "Fail";
    CHECK(stack.faults() == Found{"lun answers with errors"});
    stack.mapper_.status.clear();
    stack.mapper_.list.front().table.front().type = "error";
    CHECK(stack.faults() == Found{"lun answers with errors"});
    CHECK(stack.suspended().empty());
}

TEST_CASE("device state: a disk that is offline counts unless another one stands in for it") {
    Stack stack;
    stack.add_mapped("253:0", "lun", {253, 0}, "linear");
    stack.add("8:0/sda1/partition", "1");
    stack.add("8:0/sda1/dev", "8:1");
    stack.add("8:0/device/state", "offline");
    stack.link("253:0/slaves/sda1", "8:0/sda1");
    CHECK(stack.faults() == Found{"device 8:1 is offline"});
    stack.add("253:0/slaves/sdb/device/state", "running");
    CHECK(stack.faults().empty());
}

TEST_CASE("device state: of what is unknown nothing is said") {
    Stack stack;
    CHECK(stack.faults().empty());
}

TEST_CASE("device state: busy with requests, or suspended") {
    Stack stack;
    CHECK_FALSE(stack.is_busy());
    stack.add_mapped("253:0", "lun", {253, 0}, "linear");
    stack.add("253:0/inflight", "       0        0");
    CHECK_FALSE(stack.is_busy());
    for (const auto* requests : {"       1        0", "       0       12"}) {
        stack.add("253:0/inflight", requests);
        CHECK(stack.is_busy());
    }
    stack.add("253:0/inflight", "       0        0");
    stack.add("253:0/dm/suspended", "1");
    CHECK(stack.is_busy());
}
