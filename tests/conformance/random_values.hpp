// SPDX-License-Identifier: GPL-2.0-or-later
// Values that nobody would think of, and an agent that gets them.
#pragma once

#include <cstdlib>
#include <functional>
#include <random>

#include "base/text.hpp"
#include "conformance/stage.hpp"
#include "ocf/exit_code.hpp"
#include "support/catch.hpp"

namespace san::test {

/// The same sequence in every run: a failure can be looked at again.
class Dice {
public:
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(engine_);
    }
    template <class List>
    const auto& one_of(const List& list) {
        return list[below(std::size(list))];
    }
    /// Any byte that an environment can carry.
    char byte() { return static_cast<char>(1 + below(255)); }

private:
    std::mt19937 engine_{20260101};
};

inline constexpr const char* oddities[] = {
    "",           " ",          "0",          "1",
    "-1",         "00",         "4294967295", "4294967296",
    "2147483648", "1e3",        "0x10",       "true",
    "TRUE",       "ja",         "nein",       "::",
    "::1",        "10.0.0.7",   "10.0.0.8",   "224.0.0.1",
    "127.0.0.9",  "10.0.0.255", "fe80::1",    "2001:db8::",
    "0.0.0.0",    "eth0",       "lo",         "eth0:x",
    "255.0.0.0",  "/",          "/dev/null",  "/etc",
    "..",         "a,b",        "a b c",      "iqn.2026-01.org.example:x",
    "%s%n",       "$(reboot)",  "`reboot`;",  "\xff\xfe",
    "\xc3\xa4"};

inline std::string changed(std::string value, Dice& dice) {
    for (auto times = 1 + dice.below(3); times > 0; --times) {
        const auto at = dice.below(value.size() + 1);
        switch (dice.below(4)) {
            case 0:
                value.insert(at, 1, dice.byte());
                break;
            case 1:
                if (at < value.size()) value.erase(at, 1);
                break;
            case 2:
                if (at < value.size()) value[at] = dice.byte();
                break;
            default:
                value.insert(at, dice.one_of(oddities));
        }
    }
    return value;
}

inline std::string random_value(const std::string& usual, Dice& dice) {
    switch (dice.below(4)) {
        case 0:
            return dice.one_of(oddities);
        case 1: {
            std::string noise;
            for (auto length = dice.below(40); length > 0; --length) noise += dice.byte();
            return noise;
        }
        case 2:
            return std::string(dice.below(600), dice.byte());
        default:
            return changed(usual, dice);
    }
}

inline int how_many() {
    const auto* wanted = std::getenv("SAN_RANDOM_VALUES");
    return text::number<int>(wanted ? wanted : "").value_or(3000);
}

/// What the starts of a run came to.
struct Tally {
    int started = 0;
    int refused = 0;
};

/// Starts and stops the agent with one or two random parameters, SAN_RANDOM_VALUES times: whatever
/// start makes of them is all or nothing, and stop takes it away. `remains` is all that an agent
/// could have left behind, as text. `unfit` are parameters that are left as they are.
inline Tally try_random_values(Stage& stage, const std::function<std::string()>& remains,
                               const std::vector<std::string>& unfit = {}) {
    Dice dice;
    const auto good = stage.parameters;
    const auto agent = ocf::this_agent();
    std::vector<std::string> names;
    for (const auto* parameter : agent->parameters())
        if (const auto& name = parameter->declaration().name;
            std::find(unfit.begin(), unfit.end(), name) == unfit.end())
            names.push_back(name);
    // What a first start loads stays: modules, and the directory of a fabric.
    REQUIRE(stage.act("start") == ocf::success);
    REQUIRE(stage.act("stop") == ocf::success);
    const auto before = remains();
    Tally tally;
    for (int round = how_many(); round > 0; --round) {
        stage.parameters = good;
        for (auto times = 1 + dice.below(2); times > 0; --times) {
            const auto& name = dice.one_of(names);
            const auto usual = good.find(name);
            stage.parameters[name] = random_value(usual == good.end() ? "" : usual->second, dice);
        }
        std::string said;
        for (const auto& [name, value] : stage.parameters) said += name + "=" + value + "\n";
        INFO(said);
        // An address that the node has of its own would rightly be taken away by stop.
        if (const auto ip = stage.parameters.find("ip");
            ip != stage.parameters.end() && before.find(ip->second + "/") != std::string::npos)
            continue;
        if (stage.act("start") == ocf::success) {
            ++tally.started;
            if (stage.monitor() != ocf::success)
                CHECK(stage.reason == "monitor after a start that succeeded");
        } else {
            ++tally.refused;
            if (stage.reason.find("ocf-exit-reason:") == std::string::npos)
                CHECK(stage.reason == "a refusal has a reason");
        }
        if (stage.act("stop") != ocf::success) CHECK(stage.reason == "stop succeeds");
        if (remains() != before) {
            CHECK(remains() == before);
            return tally;
        }
    }
    return tally;
}

}  // namespace san::test
