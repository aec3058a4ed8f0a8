// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_event.hpp"

#include <set>
#include <syslog.h>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;
using Words = std::vector<std::string>;

TEST_CASE("events: every one of DRBD's that people are told about, each whole") {
    std::set<std::string_view> names;
    for (const auto& event : replica_events()) {
        INFO(event.name);
        CHECK(names.insert(event.name).second);
        for (const auto text : {event.headline, event.story, event.advice})
            CHECK_FALSE(text.empty());
        CHECK(event.story.ends_with('\n'));
        CHECK(event.advice.ends_with('\n'));
        CHECK_THAT("\n" + std::string{event.advice}, ContainsSubstring("\n    "));  // commands
        for (const auto text : {event.story, event.advice})
            for (std::size_t begin = 0; begin < text.size();) {
                const auto end = text.find('\n', begin);
                CHECK(end - begin <= 100);
                begin = end + 1;
            }
    }
    CHECK(names == std::set<std::string_view>{"split-brain", "initial-split-brain", "out-of-sync",
                                              "io-error", "pri-lost", "pri-lost-after-sb",
                                              "pri-on-incon-degr", "quorum-lost", "disconnected",
                                              "emergency-reboot", "emergency-shutdown"});
    CHECK(find_replica_event("local-io-error") == find_replica_event("io-error"));
    CHECK(find_replica_event("fence-peer") == nullptr);
}

TEST_CASE("events: what needs somebody at once is an alert") {
    for (const auto* name : {"split-brain", "pri-on-incon-degr", "pri-lost-after-sb"})
        CHECK(find_replica_event(name)->priority == LOG_ALERT);
    CHECK(find_replica_event("io-error")->priority == LOG_CRIT);
    CHECK(find_replica_event("disconnected")->priority == LOG_WARNING);
}

TEST_CASE("split brain: how to decide, and the commands for either side") {
    const std::string advice{find_replica_event("split-brain")->advice};
    for (const auto* part :
         {"Nothing is resolved automatically", "drbdadm connect --discard-my-data {resource}",
          "drbdadm secondary {resource}", "VICTIM", "SURVIVOR", "crm_mon"})
        CHECK_THAT(advice, ContainsSubstring(part));
}

TEST_CASE("call: the event is the first word, then whom to tell") {
    const auto call = Handler_call::parse("/usr/sbin/san-drbd-notify", {"split-brain"});
    CHECK(call.event == find_replica_event("split-brain"));
    CHECK(call.recipients == Words{"root"});
    CHECK(call.facility == "daemon");
    CHECK(Handler_call::parse("san-drbd-notify", {"out-of-sync", "a@b.org c", "d"}).recipients ==
          Words{"a@b.org", "c", "d"});
}

TEST_CASE("call: by the names of DRBD's own program, with its options") {
    for (const auto* name :
         {"notify-io-error", "/usr/lib/drbd/notify-io-error.sh",
          "/usr/lib/drbd/notify-local-io-error.sh", "san-drbd-notify-io-error"}) {
        const auto call = Handler_call::parse(name, {"--logfacility", "local5", "--", "admin"});
        CHECK(call.event == find_replica_event("io-error"));
        CHECK(call.recipients == Words{"admin"});
        CHECK(call.facility == "local5");
    }
    CHECK(Handler_call::parse("notify-pri-lost-after-sb.sh", {}).event ==
          find_replica_event("pri-lost-after-sb"));
    CHECK(Handler_call::parse("notify-pri-lost.sh", {"--logfacility=user"}).facility == "user");
}

TEST_CASE("call: clear, and help") {
    const auto call = Handler_call::parse("san-drbd-notify", {"clear", "r0"});
    CHECK(call.task == Handler_call::Task::clear);
    CHECK(call.resource == "r0");
    CHECK(Handler_call::parse("san-drbd-notify", {"--help"}).task == Handler_call::Task::help);
}

TEST_CASE("call: what cannot be meant is refused, with what can") {
    const auto refused = [](const char* name, const Words& words) {
        try {
            Handler_call::parse(name, words);
        } catch (const Error& problem) {
            CHECK(problem.kind() == Kind::misconfigured);
            return std::string{problem.what()};
        }
        return std::string{"taken"};
    };
    CHECK_THAT(refused("san-drbd-notify", {}), ContainsSubstring("expected an event"));
    CHECK_THAT(refused("san-drbd-notify", {"fence-peer"}),
               ContainsSubstring("event=\"fence-peer\": expected one of split-brain, "));
    CHECK_THAT(refused("notify-nonsense.sh", {"root"}), ContainsSubstring("event=\"nonsense\""));
    CHECK_THAT(refused("san-drbd-notify", {"clear"}), ContainsSubstring("one resource"));
    CHECK_THAT(refused("san-drbd-notify", {"--frequency", "1"}),
               ContainsSubstring("expected --logfacility"));
}
