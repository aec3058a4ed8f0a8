// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_configuration.hpp"

#include "base/error.hpp"
#include "storage/replica_module.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

struct Stage {
    Stage() {
        node.files.replace("/etc/drbd.conf",
                           "# ours\ninclude \"drbd.d/*.conf\";\ncommon { }\n"
                           "include \"drbd.d/*.res\";\n");
        write("global.conf", "global { usage-count no; }");
    }
    void write(const std::string& name, const std::string& text) {
        node.files.replace("/etc/drbd.d/" + name, text);
    }
    std::optional<std::string> part(const std::string& name) {
        return replica::isolated(name, "/etc/drbd.conf", node.files);
    }
    static std::string include(const std::string& name) {
        return "include \"/etc/drbd.d/" + name + "\";\n";
    }
    test::Node node;
};

}  // namespace

TEST_CASE("isolated: the global parts and the one file") {
    Stage stage;
    stage.write("r0.res", "resource r0 { }");
    stage.write("r1.res", "resource r1 {{{ \" # resource r0 {");
    stage.write("r2.res", "# resource r0 { }\nresource\n\"r2\"\n{ }");
    CHECK(stage.part("r0") == "# ours\n" + Stage::include("global.conf") + "\ncommon { }\n" +
                                  Stage::include("r0.res") + "\n");
    CHECK(stage.part("r2") == "# ours\n" + Stage::include("global.conf") + "\ncommon { }\n" +
                                  Stage::include("r2.res") + "\n");
    CHECK_FALSE(stage.part("r3").has_value());
}

TEST_CASE("isolated: what a resource needs comes with it") {
    Stage stage;
    stage.write("r0.res", "resource r0 { disk { resync-after r1/0; } }");
    stage.write("r1.res", "resource r1 { disk { resync-after r0/0; } }");
    stage.write("top.res", "resource top { stacked-on-top-of r0 { device minor 9; } }");
    stage.write("x.res", "resource x {");
    CHECK_THAT(*stage.part("r0"), ContainsSubstring("r1.res") && !ContainsSubstring("x.res"));
    CHECK_THAT(*stage.part("top"), ContainsSubstring("r0.res") && ContainsSubstring("r1.res") &&
                                       ContainsSubstring("top.res") && !ContainsSubstring("x.res"));
}

TEST_CASE("isolated: nested includes, and files that include themselves") {
    Stage stage;
    stage.write("global.conf", "include \"sub/*.inc\"; include \"global.conf\";");
    stage.node.files.replace("/etc/drbd.d/sub/a.inc", "common { }");
    stage.write("r0.res", "resource r0 { }");
    CHECK_THAT(*stage.part("r0"), ContainsSubstring("include \"/etc/drbd.d/sub/a.inc\";"));
}

TEST_CASE("isolated: two definitions are for drbdadm to complain about") {
    Stage stage;
    stage.write("a.res", "resource r0 { }");
    stage.write("b.res", "resource r0 { }");
    CHECK_FALSE(stage.part("r0").has_value());
    stage.write("b.res", "resource r1 { } resource r1 { }");
    CHECK(stage.part("r0").has_value());
    CHECK_FALSE(stage.part("r1").has_value());
}

TEST_CASE("Module_version: three numbers, and whatever a builder adds") {
    CHECK(Module_version::parse("8.4.11") == Module_version{8, 4, 11});
    CHECK(Module_version::parse("9.3.0-rc.1").to_text() == "9.3.0");
    CHECK(Module_version::parse("9.10.0") > Module_version::parse("9.9.9"));
    for (const auto* bad : {"", "9", "9.2", "9.2.", "a.b.c", ".9.2.1", "99999999999.0.0"})
        CHECK_THROWS_AS(Module_version::parse(bad), Error);
}
