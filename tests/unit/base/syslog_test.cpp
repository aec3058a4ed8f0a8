// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/syslog.hpp"

#include <cstdlib>
#include <syslog.h>

#include "base/process.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("facility: syslog's words, and no others") {
    CHECK(log::facility("daemon") == LOG_DAEMON);
    CHECK(log::facility("local0") == LOG_LOCAL0);
    CHECK(log::facility("local7") == LOG_LOCAL7);
    for (const auto* bad : {"", "moon", "local8", "local", "local77", "DAEMON"})
        CHECK_FALSE(log::facility(bad).has_value());
}

TEST_CASE("level: its number and its word") {
    CHECK(log::priority(log::Level::debug) == LOG_DEBUG);
    CHECK(log::priority(log::Level::error) == LOG_ERR);
    CHECK(std::string{log::word(log::Level::warning)} == "WARNING");
}

TEST_CASE("own_variables: what the process has, with empty values and further signs") {
    ::setenv("SAN_TEST_EMPTY", "", 1);
    ::setenv("SAN_TEST_SIGNS", "a=b=c", 1);
    const auto all = own_variables();
    CHECK(all.at("SAN_TEST_EMPTY").empty());
    CHECK(all.at("SAN_TEST_SIGNS") == "a=b=c");
    CHECK_FALSE(all.contains("SAN_TEST_NONE"));
    CHECK_FALSE(host_name().empty());
}
