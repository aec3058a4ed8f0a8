// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/environment.hpp"

#include "support/catch.hpp"

using namespace san::ocf;
using namespace std::chrono_literals;

TEST_CASE("Environment: meta attributes are not parameters") {
    const Environment environment{{{"OCF_RESKEY_ip", "10.0.0.7"},
                                   {"OCF_RESKEY_CRM_meta_timeout", "20000"},
                                   {"OCF_RESKEY_crm_feature_set", "3.16.1"},
                                   {"HOME", "/root"}}};
    CHECK(environment.parameter_names() == std::vector<std::string>{"ip"});
    CHECK(environment.meta("timeout") == "20000");
}

TEST_CASE("Environment: time for the exit reason is kept") {
    const auto allowed = [](const char* timeout) {
        return Environment{{{"OCF_RESKEY_CRM_meta_timeout", timeout}}}.time_allowed();
    };
    CHECK(allowed("20000") == 18s);
    CHECK(allowed("240000") == 238s);
    CHECK(allowed("1000") == 750ms);
    CHECK(Environment{{}}.time_allowed() == 18s);
}

TEST_CASE("Environment: only a monitor without interval is a probe") {
    CHECK(Environment{{}}.is_probe());
    CHECK(Environment{{{"OCF_RESKEY_CRM_meta_interval", "0"}}}.is_probe());
    CHECK_FALSE(Environment{{{"OCF_RESKEY_CRM_meta_interval", "10000"}}}.is_probe());
}

TEST_CASE("Environment: lists of nodes, an empty one is a blank") {
    const Environment environment{{{"OCF_RESKEY_CRM_meta_notify_promoted_uname", " "},
                                   {"OCF_RESKEY_CRM_meta_notify_master_uname", "alice"},
                                   {"OCF_RESKEY_CRM_meta_notify_slave_uname", "bob carol"}}};
    CHECK(environment.meta_words("notify_promoted_uname", "notify_master_uname").empty());
    CHECK(environment.meta_words("notify_unpromoted_uname", "notify_slave_uname") ==
          std::vector<std::string>{"bob", "carol"});
}

TEST_CASE("Environment: node and instance have a name even by hand") {
    CHECK(Environment{{}}.instance() == "default");
    CHECK(Environment{{{"OCF_RESKEY_CRM_meta_on_node", "alice"}}}.node() == "alice");
    CHECK_FALSE(Environment{{}}.node().empty());
}
