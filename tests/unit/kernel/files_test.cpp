// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/files.hpp"

#include <fstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
namespace fs = std::filesystem;

TEST_CASE("files: a link takes the place of whatever had its name") {
    test::Node node;
    const auto link = node.root.path() / "link";
    for (int round = 0; round < 2; ++round) {
        node.files.link("/link", "/there");
        CHECK(fs::read_symlink(link) == node.root.path() / "there");
    }
    fs::remove(link);
    std::ofstream{link} << "a file";
    node.files.link("/link", "/there");
    CHECK(fs::is_symlink(fs::symlink_status(link)));
    CHECK_THROWS_AS(node.files.link("/no/such/directory", "/there"), Error);
}

TEST_CASE("files: one to be written synchronously is root's, and its content stays") {
    test::Node node;
    const auto at = node.root.path() / "file";
    // Whether the file system can is its own affair.
    node.files.make_synchronous("/file");
    CHECK(fs::file_size(at) == 0);
    CHECK(fs::status(at).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    std::ofstream{at} << "content";
    node.files.make_synchronous("/file");
    CHECK(node.files.find("/file") == "content");
    // The kernel would write wherever it leads.
    node.files.link("/link", "/file");
    CHECK_THROWS_AS(node.files.make_synchronous("/link"), Error);
}
