// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/process_name.hpp"

#include <fstream>

#include "kernel/socket_owner.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;

TEST_CASE("a process cannot put a line of its own into a message") {
    const test::Node node;
    const auto process = node.root.path() / "proc/7";
    std::filesystem::create_directories(process / "fd");
    std::filesystem::create_symlink("socket:[42]", process / "fd/3");
    std::ofstream{process / "comm"} << "x\nocf-e\x1b[2J\n";
    CHECK(process_name("7", node.files) == "x?ocf-e?[2J");
    CHECK(process_name("8", node.files) == "a program");
    CHECK(socket_owner(42, node.files) == "x?ocf-e?[2J, process 7");
}
