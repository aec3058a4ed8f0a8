// SPDX-License-Identifier: GPL-2.0-or-later
// Without libsan-cluster beside it, which the lab has, the supported program is used.
#include "cluster/scores.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using namespace std::chrono_literals;

TEST_CASE("scores: set and removed as a transient attribute of the node") {
    test::Fake_commands commands;
    commands.on({"attrd_updater"});
    cluster::Attribute_scores scores{commands};
    scores.publish("p_drbd", "alice", 10000, Deadline::in(1s));
    scores.publish("p_drbd", "alice", {}, Deadline::in(1s));
    CHECK(commands.asked ==
          std::vector<std::string>{"attrd_updater -N alice -n master-p_drbd -U 10000",
                                   "attrd_updater -N alice -n master-p_drbd -D"});
}

TEST_CASE("scores: what the cluster says against it is passed on") {
    test::Fake_commands commands;
    commands.on({"attrd_updater"}).exits(102).complains("Could not update: Connection refused");
    cluster::Attribute_scores scores{commands};
    CHECK_THROWS_WITH(scores.publish("p_drbd", "alice", 1, Deadline::in(1s)),
                      ContainsSubstring("Connection refused"));
}
