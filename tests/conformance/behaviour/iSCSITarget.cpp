// SPDX-License-Identifier: GPL-2.0-or-later
// What only iSCSITarget does: it prepares the node for persistent reservations.
#include <fstream>

#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

TEST_CASE("iSCSITarget: start makes the directory without which no reservation can be made") {
    Stage stage;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.node.files.is_directory("/var/target/pr"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
}

TEST_CASE("iSCSITarget: a node that cannot have that directory serves everybody else") {
    Stage stage;
    std::ofstream{stage.node.root.path() / "var"} << "no directory";
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
}
