// SPDX-License-Identifier: GPL-2.0-or-later
// Without libsan-cluster beside it, which the lab has, the supported program is used.
#include "cluster/attributes.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> asked(const std::vector<Node_attribute>& all) {
    test::Fake_commands commands;
    commands.on({"attrd_updater"});
    cluster::Attrd_attributes attributes{commands};
    for (const auto& attribute : all) attributes.set(attribute, Deadline::in(1s));
    return commands.asked;
}

}  // namespace

TEST_CASE("attributes: a promotion score is set and removed") {
    CHECK(asked({promotion_score("p_drbd", "alice", 10000),
                 promotion_score("p_drbd", "alice", {})}) ==
          std::vector<std::string>{"attrd_updater -N alice -n master-p_drbd -U 10000",
                                   "attrd_updater -N alice -n master-p_drbd -D"});
}

TEST_CASE("attributes: of this node, without its name") {
    CHECK(asked({{.node = "", .name = "san-drbd-r0", .value = "split-brain with bob"}}) ==
          std::vector<std::string>{"attrd_updater -n san-drbd-r0 -U split-brain with bob"});
}

TEST_CASE("attributes: a dampening goes with the value, or before it is removed") {
    CHECK(asked({{.node = "alice", .name = "a", .value = "1", .dampening = 5s},
                 {.node = "alice", .name = "a", .value = {}, .dampening = 0s}}) ==
          std::vector<std::string>{"attrd_updater -N alice -n a -B 1 -d 5",
                                   "attrd_updater -N alice -n a -Y -d 0",
                                   "attrd_updater -N alice -n a -D"});
}

TEST_CASE("attributes: what the cluster says against it is passed on") {
    test::Fake_commands commands;
    commands.on({"attrd_updater"}).exits(102).complains("Could not update: Connection refused");
    cluster::Attrd_attributes attributes{commands};
    CHECK_THROWS_WITH(attributes.set(promotion_score("p_drbd", "alice", 1), Deadline::in(1s)),
                      ContainsSubstring("Connection refused"));
}
