// SPDX-License-Identifier: GPL-2.0-or-later
#include "interruptions.hpp"

#include "support/catch.hpp"

using namespace initiator;
using namespace std::chrono_literals;

TEST_CASE("interruptions: a steady pace has none, and the first acknowledgement ends none") {
    Interruptions gaps{100ms};
    gaps.acknowledged(7000ms);
    gaps.acknowledged(7100ms);
    gaps.acknowledged(7190ms);
    gaps.finish(7250ms);

    CHECK(gaps.longest() == 0ms);
    CHECK(gaps.noticed().empty());
}

TEST_CASE("interruptions: a gap counts without the pacing interval, from a second on in the list") {
    Interruptions gaps{100ms};
    gaps.acknowledged(0ms);

    CHECK(gaps.acknowledged(1099ms) == 999ms);
    CHECK(gaps.acknowledged(2199ms) == 1000ms);
    CHECK(gaps.acknowledged(10000ms) == 7701ms);
    gaps.finish(10050ms);

    CHECK(gaps.longest() == 7701ms);
    CHECK(gaps.noticed() == std::vector<Interruption>{{1099ms, 1000ms}, {2199ms, 7701ms}});
}

TEST_CASE("interruptions: one that is going on at the end counts") {
    Interruptions gaps{100ms};
    gaps.acknowledged(500ms);
    gaps.finish(3600ms);

    CHECK(gaps.noticed() == std::vector<Interruption>{{500ms, 3000ms}});
}

TEST_CASE("interruptions: a run without any acknowledgement was interrupted throughout") {
    Interruptions gaps{100ms};
    gaps.finish(4100ms);

    CHECK(gaps.longest() == 4000ms);
}
