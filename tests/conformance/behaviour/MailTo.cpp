// SPDX-License-Identifier: GPL-2.0-or-later
// What only MailTo does: one letter per change, and no failure because of one.
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

TEST_CASE("MailTo: one letter when it comes, one when it goes") {
    Stage stage;
    stage.parameters["email"] = "admin@example.org, root";
    stage.parameters["subject"] = "san";
    auto& asked = stage.node.commands.asked;
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.act("start") == ocf::success);
    CHECK(asked == std::vector<std::string>{"sendmail -i -- admin@example.org root"});
    CHECK_THAT(stage.node.commands.inputs.back(),
               ContainsSubstring("Subject: san Takeover in progress at "));
    CHECK_THAT(stage.node.commands.inputs.back(), ContainsSubstring(" on alice\n"));
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(asked.size() == 2);
    CHECK_THAT(stage.node.commands.inputs.back(),
               ContainsSubstring("Subject: san Migrating resource away at "));
    CHECK_THAT(stage.node.commands.inputs.back(), ContainsSubstring(" from alice\n"));
}

TEST_CASE("MailTo: a mail system that fails changes nothing") {
    Stage stage;
    stage.node.commands.on({"sendmail"}).exits(75).complains("queue directory is full");
    CHECK(stage.act("start") == ocf::success);
    CHECK(stage.monitor() == ocf::success);
    CHECK(stage.act("stop") == ocf::success);
    CHECK(stage.probe() == ocf::not_running);
}

TEST_CASE("MailTo: stop with parameters that start would refuse stops all the same") {
    for (const auto* bad : {"", "a b"}) {
        Stage stage;
        REQUIRE(stage.act("start") == ocf::success);
        stage.parameters["email"] = bad;
        CHECK(stage.act("stop") == ocf::success);
        stage.parameters = stage.subject().good();
        CHECK(stage.probe() == ocf::not_running);
    }
}

TEST_CASE("MailTo: the file is the shell agent's") {
    Stage stage;
    REQUIRE(stage.act("start") == ocf::success);
    CHECK(stage.node.files.exists("/run/resource-agents/MailTo_p_test"));
}
