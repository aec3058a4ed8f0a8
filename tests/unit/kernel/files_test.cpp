// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/files.hpp"

#include <fstream>
#include <sys/stat.h>

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

TEST_CASE("files: what is replaced is nobody else's, whatever somebody has put in its way") {
    test::Node node;
    const auto at = node.root.path() / "file";
    const auto unfinished = Files::unfinished(at);
    const auto victim = node.root.path() / "victim";
    const auto is = [&](fs::perms wanted) { return fs::status(at).permissions() == wanted; };
    using fs::perms;
    std::ofstream{victim} << "untouched";
    SECTION("nothing: new files are for us alone") {
        CHECK(node.files.replace("/file", "content") == Change::made);
        CHECK(is(perms{0600}));
    }
    SECTION("a file of another mode: who could read it still can, and nobody more can write") {
        std::ofstream{at} << "old";
        fs::permissions(at, perms{0666});
        CHECK(node.files.replace("/file", "content") == Change::none);
        CHECK(is(perms{0644}));
    }
    SECTION("a link in the place of what is not finished") {
        fs::create_symlink(victim, unfinished);
        node.files.replace("/file", "content");
    }
    SECTION("a second name of another file there") {
        fs::create_hard_link(victim, unfinished);
        node.files.replace("/file", "content");
        CHECK(fs::hard_link_count(at) == 1);
    }
    SECTION("a file there that somebody has open") {
        std::ofstream{unfinished} << "from before";
        std::ofstream kept{unfinished, std::ios::app};
        node.files.replace("/file", "content");
        kept << "more" << std::flush;
    }
    SECTION("a link in the place of the file") {
        fs::create_symlink(victim, at);
        node.files.replace("/file", "content");
        CHECK_FALSE(fs::is_symlink(at));
    }
    CHECK(node.files.find("/file") == "content");
    CHECK(node.files.find("/victim") == "untouched");
    CHECK_FALSE(fs::exists(fs::symlink_status(unfinished)));
}

TEST_CASE("files: a mark is set on a file, not on what a link leads to") {
    test::Node node;
    const auto victim = node.root.path() / "victim";
    fs::create_symlink(victim, node.root.path() / "mark");
    CHECK_THROWS_AS(node.files.touch("/mark"), Error);
    CHECK_FALSE(fs::exists(victim));
    ::mkfifo((node.root.path() / "pipe").c_str(), 0666);
    CHECK_THROWS_AS(node.files.touch("/pipe"), Error);
}

TEST_CASE("files: directories are ours to write, whatever the caller's umask is") {
    for (const auto mask : {0U, 077U}) {
        test::Node node;
        const auto before = ::umask(mask);
        node.files.replace("/run/deep/below/file", "content");
        ::umask(before);
        for (const auto* place : {"run", "run/deep", "run/deep/below"})
            CHECK(fs::status(node.root.path() / place).permissions() == fs::perms{0755});
    }
}

TEST_CASE("files: a lock is on a directory that nobody else can open") {
    test::Node node;
    const auto mode = [&] { return fs::status(node.root.path() / "run/lock").permissions(); };
    node.files.lock("/run/lock");
    CHECK(mode() == fs::perms{0700});
    fs::permissions(node.root.path() / "run/lock", fs::perms{0755});
    node.files.lock("/run/lock");
    CHECK(mode() == fs::perms{0700});
    fs::create_symlink("/etc", node.root.path() / "link");
    CHECK_THROWS_AS(node.files.lock("/link"), Error);
}
