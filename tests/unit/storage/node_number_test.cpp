// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/node_number.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Node_number: one for all nodes, or another one for each") {
    CHECK(Node_number::parse("7").on("alice") == 7);
    const auto each = Node_number::parse("alice:1 bob.example.org:65535");
    CHECK(each.on("alice") == 1);
    CHECK(each.on("bob.example.org") == 65535);
    CHECK_FALSE(each.on("carol"));
    for (const auto* bad :
         {"", " ", "0", "65536", "-1", "alice", "alice:", ":1", "alice:0", "alice:1 bob",
          "alice:1 bob:1", "alice:1 alice:2", "alice:1,bob:2", "1 2", "alice:one"}) {
        INFO(bad);
        CHECK_THROWS_WITH(Node_number::parse(bad), ContainsSubstring("expected"));
    }
}
