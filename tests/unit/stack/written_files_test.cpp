// SPDX-License-Identifier: GPL-2.0-or-later
// Files that helpers write: where, for whom, and over nothing.
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "stack/new_file.hpp"
#include "stack/private_file.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("private file: another name each time, for us alone, and gone afterwards") {
    std::string name;
    {
        const stack::Private_file one{"content"}, other{"more"};
        name = one.path();
        CHECK(name != other.path());
        CHECK(content(name) == "content");
        CHECK(fs::status(name).permissions() == fs::perms{0600});
    }
    CHECK_FALSE(fs::exists(name));
}

TEST_CASE("new file: whole, and never over what is there, be it a link to nowhere") {
    const test::Fake_root root;
    const auto file = root.path() / "deep/file";
    stack::make_new_file(file, "content");
    CHECK(content(file) == "content");
    CHECK(fs::status(file).permissions() == fs::perms{0644});
    CHECK_THROWS_AS(stack::make_new_file(file, "other"), Error);
    CHECK(content(file) == "content");

    const auto link = root.path() / "link", victim = root.path() / "victim";
    fs::create_symlink(victim, link);
    CHECK_THROWS_AS(stack::make_new_file(link, "content"), Error);
    CHECK_FALSE(fs::exists(victim));
    // Nothing is left of what was not to be.
    CHECK(std::distance(fs::directory_iterator{root.path()}, {}) == 2);
}
