// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/directory.hpp"

#include <cerrno>
#include <fstream>

#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;

TEST_CASE("a directory is listed by name, with what holds or leads somewhere") {
    const test::Fake_root place;
    std::filesystem::create_directory(place.path() / "b");
    std::filesystem::create_symlink("nowhere", place.path() / "c");
    std::ofstream{place.path() / "a"} << "text";
    const auto found = list(place.path());
    REQUIRE(found.errnum == 0);
    REQUIRE(found.entries.size() == 3);
    CHECK(found.entries[0].name == "a");
    CHECK_FALSE(found.entries[0].holds_or_leads);
    CHECK(found.entries[1].name == "b");
    CHECK(found.entries[1].holds_or_leads);
    CHECK(found.entries[2].name == "c");
    CHECK(found.entries[2].holds_or_leads);
    CHECK(names(found) == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("what cannot be listed says why") {
    const test::Fake_root place;
    CHECK(list(place.path() / "absent").errnum == ENOENT);
    std::ofstream{place.path() / "file"} << "text";
    CHECK(list(place.path() / "file").errnum == ENOTDIR);
    CHECK(list(place.path()).entries.size() == 1);
}
