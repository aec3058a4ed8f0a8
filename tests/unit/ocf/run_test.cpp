// SPDX-License-Identifier: GPL-2.0-or-later
// The one place that makes exit codes, with an agent made for the purpose.
#include "ocf/run.hpp"

#include "base/log.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

struct Even {
    int value;
    static Even parse(std::string_view text) {
        const auto number = text::number<int>(text);
        if (!number || *number % 2 != 0)
            throw Error{Kind::misconfigured, "expected an even number"};
        return Even{*number};
    }
};

class Lamp final : public ocf::Agent {
public:
    ocf::Parameter<std::string> room{*this,
                                     {.name = "room",
                                      .brief = "Room",
                                      .text = "Where it stands.",
                                      .required = true,
                                      .unique = true}};
    ocf::Parameter<Even> watts{
        *this, {.name = "watts", .brief = "Power", .text = "Power in watts.", .fallback = "60"}};

    Lamp()
        : ocf::Agent{{.name = "Lamp",
                      .brief = "A lamp",
                      .text = "Gives light.",
                      .actions = {{.name = "start", .timeout = 10s},
                                  {.name = "stop", .timeout = 10s},
                                  {.name = "monitor", .timeout = 10s, .interval = 10s}}}} {}

    Change start(System&) override {
        if (breaks) throw Error{Kind::wrong_on_this_node, "no socket in " + room()};
        if (on) return Change::none;
        on = !burnt_out;
        return Change::made;
    }
    Change stop(System&) override {
        static_cast<void>(room());
        return std::exchange(on, false) ? Change::made : Change::none;
    }
    ocf::State monitor(System&) override { return on ? ocf::State::running : ocf::State::stopped; }

    bool on = false, breaks = false, burnt_out = false;
};

ocf::Outcome act(Lamp& lamp, const std::string& action, ocf::Environment::Variables variables) {
    test::Node node;
    return ocf::run(lamp, {action}, ocf::Environment{std::move(variables)},
                    [&]() -> System& { return node.system; });
}

const ocf::Environment::Variables good{{"OCF_RESKEY_room", "hall"}};

}  // namespace

TEST_CASE("run: start, monitor and stop are idempotent and have OCF's codes") {
    Lamp lamp;
    CHECK(act(lamp, "monitor", good).code == ocf::not_running);
    CHECK(act(lamp, "stop", good).code == ocf::success);
    CHECK(act(lamp, "start", good).code == ocf::success);
    CHECK(act(lamp, "start", good).code == ocf::success);
    CHECK(act(lamp, "monitor", good).code == ocf::success);
    CHECK(act(lamp, "stop", good).code == ocf::success);
    CHECK(act(lamp, "monitor", good).code == ocf::not_running);
}

TEST_CASE("run: a failure has one reason line and the code of its kind") {
    Lamp lamp;
    lamp.breaks = true;
    const auto result = act(lamp, "start", good);
    CHECK(result.code == ocf::err_args);
    CHECK(result.err == "ocf-exit-reason:no socket in hall\n");

    auto prefixed = good;
    prefixed["OCF_EXIT_REASON_PREFIX"] = "reason=";
    CHECK(act(lamp, "start", prefixed).err == "reason=no socket in hall\n");
}

TEST_CASE("run: a start that monitor cannot see has failed") {
    Lamp lamp;
    lamp.burnt_out = true;
    CHECK(act(lamp, "start", good).code == ocf::err_generic);
}

TEST_CASE("run: bad parameters are named with value and expectation, all of them") {
    Lamp lamp;
    const auto result = act(lamp, "start", {{"OCF_RESKEY_watts", "61"}});
    CHECK(result.code == ocf::err_configured);
    CHECK_THAT(result.err, ContainsSubstring("room=\"\": expected a value"));
    CHECK_THAT(result.err, ContainsSubstring("watts=\"61\": expected an even number"));
    CHECK(act(lamp, "monitor", {{"OCF_RESKEY_watts", "61"}}).code == ocf::err_configured);
    CHECK(act(lamp, "validate-all", {}).code == ocf::err_configured);
}

TEST_CASE("run: stop never fails because of a parameter that start refuses") {
    Lamp lamp;
    CHECK(act(lamp, "stop", {}).code == ocf::success);
    CHECK(act(lamp, "stop", {{"OCF_RESKEY_room", "hall"}, {"OCF_RESKEY_watts", "61"}}).code ==
          ocf::success);
}

TEST_CASE("run: unknown actions are told apart from failures") {
    Lamp lamp;
    CHECK(act(lamp, "dance", good).code == ocf::err_unimplemented);
    CHECK(act(lamp, "promote", good).code == ocf::err_unimplemented);
    CHECK(act(lamp, "", good).code == ocf::err_args);
}

TEST_CASE("run: metadata, manual and help need neither parameters nor a node") {
    Lamp lamp;
    for (const auto* action : {"meta-data", "manual", "--help"}) {
        const auto outcome = ocf::run(lamp, {action}, ocf::Environment{{}}, []() -> System& {
            throw std::logic_error{"no node is needed"};
        });
        CHECK(outcome.code == ocf::success);
        CHECK(outcome.err.empty());
        for (const auto* word : {"Lamp", "room", "watts", "60"})
            CHECK_THAT(outcome.out, ContainsSubstring(word));
    }
}

TEST_CASE("Parameter: unset and empty are different") {
    Lamp lamp;
    ocf::Parameter<std::string> shade{lamp, {.name = "shade", .fallback = "white"}};
    ocf::Parameter<int> hours{lamp, {.name = "hours"}};
    lamp.load(ocf::Environment{{}});
    CHECK(shade() == "white");
    CHECK_FALSE(shade.is_set());
    CHECK(shade.has_value());
    CHECK_FALSE(hours.has_value());
    CHECK_THROWS_AS(hours(), Error);

    lamp.load(ocf::Environment{{{"OCF_RESKEY_shade", ""}, {"OCF_RESKEY_hours", "many"}}});
    CHECK(shade().empty());
    CHECK(shade.is_set());
    CHECK_FALSE(shade.has_value());
    CHECK_THROWS_AS(hours.check(), Error);
}

TEST_CASE("Parameter: truth is spelled as the shell library spells it") {
    for (const auto* word : {"yes", "true", "1", "YES", "TRUE", "True", "ja", "on", "ON"})
        CHECK(ocf::Reader<bool>::read(word));
    for (const auto* word : {"Yes", "On", "y", "", "no", "0"})
        CHECK_FALSE(ocf::Reader<bool>::read(word));
}

TEST_CASE("run: while an earlier action hangs nothing is touched") {
    test::Node node;
    const auto say = [&](const std::string& process, const std::string& content) {
        node.files.replace("/proc/" + process + "/stat", content);
    };
    say("77", "77 (san) D 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0");
    node.files.replace("/run/resource-agents/san-hung-p_lamp", "77 4711 the bulb to cool down");
    Lamp lamp;
    lamp.on = true;
    auto variables = good;
    variables["OCF_RESOURCE_INSTANCE"] = "p_lamp";
    variables["OCF_RESKEY_CRM_meta_timeout"] = "260";
    const auto act_here = [&](const std::string& action) {
        return ocf::run(lamp, {action}, ocf::Environment{variables},
                        [&]() -> System& { return node.system; });
    };
    CHECK(act_here("monitor").err ==
          "ocf-exit-reason:an earlier action still waits for the bulb to cool down\n");
    CHECK(act_here("status").code == ocf::err_generic);
    CHECK(act_here("stop").code == ocf::err_generic);
    CHECK(lamp.on);
    CHECK(act_here("validate-all").code == ocf::success);

    say("77", "77 (other) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5000 0");
    CHECK(act_here("monitor").code == ocf::success);
    CHECK(act_here("stop").code == ocf::success);
    CHECK_FALSE(lamp.on);
}
