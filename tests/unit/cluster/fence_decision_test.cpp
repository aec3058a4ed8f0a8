// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_decision.hpp"

#include "support/catch.hpp"

using namespace san::cluster;

namespace {

using State = Peer_state;

Disks disks(const std::string& own) {
    return {.configured = true,
            .primary = true,
            .up_to_date = own == "UpToDate",
            .consistent = own == "UpToDate" || own == "Consistent",
            .peers_up_to_date = false,
            .words = own};
}

/// "4 placed" or "5".
std::string outcome(const Verdict& verdict) {
    return std::to_string(verdict.exit_code) + (verdict.place ? " placed" : "") +
           (verdict.lost ? " lost" : "");
}

std::string judged(const Node_state& state, bool answers = false, bool time_is_up = false,
                   const Fencing_properties& fencing = {}) {
    const auto found = judge({.state = state, .answers = answers}, fencing, time_is_up);
    return found ? word(*found) : "wait";
}

const Node_state up{.member = true, .online = true, .expected = "member", .join = "member"};
const Node_state clean{.member = false, .online = false, .expected = "down", .join = "down"};
const Node_state lost{.member = false, .online = false, .expected = "member", .join = "down"};

}  // namespace

TEST_CASE("fence decision: what follows from the peers, our disks and what an operator says") {
    struct Row {
        std::vector<State> peers;
        const char* own;
        bool forced;
        const char* wanted;
    };
    const auto row =
        GENERATE(Row{{State::reachable}, "UpToDate", false, "4 placed"},
                 Row{{State::reachable}, "Consistent", false, "4 placed"},
                 Row{{State::reachable}, "Outdated", false, "5"},
                 Row{{State::reachable}, "Inconsistent", false, "5"},
                 Row{{State::reachable}, "Consistent", true, "4 placed"},
                 Row{{State::reachable}, "Inconsistent", true, "5"},
                 Row{{State::fenced}, "UpToDate", false, "7 placed"},
                 Row{{State::fenced}, "Consistent", false, "5"},
                 Row{{State::fenced}, "Consistent", true, "5 placed"},
                 Row{{State::fenced}, "Inconsistent", true, "5"},
                 Row{{State::unreachable}, "UpToDate", false, "5 placed"},
                 Row{{State::unreachable}, "Consistent", false, "5"},
                 Row{{State::unreachable}, "Consistent", true, "5 placed"},
                 Row{{State::unreachable}, "Outdated", true, "5"},
                 Row{{State::unknown}, "UpToDate", false, "5 placed"},
                 Row{{State::unknown}, "Consistent", false, "5"},
                 Row{{State::unknown}, "Consistent", true, "5 placed"},
                 Row{{State::reachable, State::fenced}, "UpToDate", false, "5 placed"},
                 Row{{State::reachable, State::fenced}, "Consistent", false, "5"},
                 Row{{State::reachable, State::reachable}, "Consistent", false, "4 placed"},
                 Row{{State::fenced, State::fenced}, "UpToDate", false, "7 placed"},
                 Row{{State::reachable, State::unknown}, "UpToDate", false, "5 placed"},
                 // All of them are excluded already.
                 Row{{}, "UpToDate", false, "4 placed"}, Row{{}, "Consistent", false, "4 placed"},
                 Row{{}, "Outdated", false, "5"});
    INFO(row.own << (row.forced ? ", forced, " : ", ") << row.peers.size() << " peers"
                 << (row.peers.empty() ? "" : word(row.peers.front())));
    CHECK(outcome(decide(row.peers, disks(row.own), {}, row.forced)) == row.wanted);
}

TEST_CASE("fence decision: nothing is placed without quorum, a DC, or a reason") {
    const auto good = disks("UpToDate");
    CHECK(outcome(decide({State::reachable}, good, {.has_quorum = false}, false)) == "1");
    CHECK(outcome(decide({State::reachable}, good, {.has_leader = false}, false)) == "1 lost");
    CHECK(outcome(decide({}, disks("Consistent"), {.has_leader = false}, false)) == "5");
    CHECK(outcome(decide({}, disks("Consistent"), {.has_leader = false}, true)) == "1 lost");

    auto back = good;
    back.peers_up_to_date = true;
    CHECK(outcome(decide({State::fenced}, back, {}, false)) == "1");
    CHECK(outcome(decide({State::reachable}, Disks{}, {}, false)) == "1");
    // What is said must name what is wrong.
    CHECK(decide({State::reachable}, good, {.has_quorum = false}, false).reason ==
          "this partition of the cluster has no quorum");
}

TEST_CASE("fence decision: a peer that is online is reachable once its controller answers") {
    CHECK(judged(up, true) == "reachable");
    CHECK(judged(up, false) == "wait");
    CHECK(judged(up, false, true) == "unknown");
    // It still says online, but has left the membership: it is about to be fenced.
    Node_state leaving = up;
    leaving.member = false;
    CHECK(judged(leaving, false) == "wait");
    CHECK(judged(leaving, true) == "reachable");
}

TEST_CASE("fence decision: a peer that is offline is waited for while it may be fenced") {
    CHECK(judged(clean) == "fenced");
    CHECK(judged(lost) == "wait");
    CHECK(judged(lost, false, true) == "unreachable");

    Node_state silent = lost;
    silent.member.reset();
    CHECK(judged(silent) == "wait");
    Node_state banned = clean;
    banned.join = "banned";
    CHECK(judged(banned) == "wait");
    Node_state unexpected = clean;
    unexpected.expected.reset();
    CHECK(judged(unexpected) == "unreachable");
}

TEST_CASE("fence decision: nobody waits for a fencing that will not come") {
    const Fencing_properties off{.enabled = false};
    CHECK(judged(lost, false, false, off) == "unreachable");
    CHECK(judged(clean, false, false, off) == "fenced");
    CHECK(judged(up, false, false, off) == "wait");
    Node_state dead = up;
    dead.dead = true;
    CHECK(judged(dead, false, false, off) == "unreachable");

    CHECK(judge({}, {.enabled = true, .at_startup = false}, false) == State::unreachable);
    CHECK(judge({}, off, false) == State::unreachable);
    CHECK_FALSE(judge({}, {}, false));
    CHECK(judge({}, {}, true) == State::unreachable);
}
