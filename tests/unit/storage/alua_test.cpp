// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/alua.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Alua_state: the words and the kernel's numbers") {
    CHECK(Alua_state::parse("active").number() == "0");
    CHECK(Alua_state::parse("nonoptimized").number() == "1");
    CHECK(Alua_state::parse("standby").number() == "2");
    CHECK(Alua_state::parse("unavailable").number() == "3");
    for (const auto* bad : {"", "0", "offline", "Active", "standby "})
        CHECK_THROWS_WITH(Alua_state::parse(bad), ContainsSubstring("expected active"));
}

TEST_CASE("Alua_group_name: what can be a directory, and is not the kernel's") {
    CHECK(Alua_group_name::parse("san-1_A").to_text() == "san-1_A");
    CHECK(Alua_group_name::parse(std::string(255, 'a')).to_text().size() == 255);
    for (const auto& bad :
         {std::string{}, std::string{"NULL"}, std::string{"default_tg_pt_gp"}, std::string{"a/b"},
          std::string{".."}, std::string{"a b"}, std::string(256, 'a')})
        CHECK_THROWS_WITH(Alua_group_name::parse(bad), ContainsSubstring("expected"));
}
