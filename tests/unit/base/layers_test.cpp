// SPDX-License-Identifier: GPL-2.0-or-later
// Dependencies point one way: base, kernel, { storage, cluster }, ocf, stack, then
// agents (which do without stack) and helpers.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "support/catch.hpp"
#include "support/source_directory.hpp"

namespace fs = std::filesystem;

TEST_CASE("layers: an include never points to the right") {
    const std::map<std::string, std::set<std::string>> allowed{
        {"base", {"base"}},
        {"kernel", {"base", "kernel"}},
        {"storage", {"base", "kernel", "storage"}},
        {"cluster", {"base", "kernel", "cluster"}},
        {"ocf", {"base", "kernel", "storage", "cluster", "ocf"}},
        {"stack", {"base", "kernel", "storage", "cluster", "ocf", "stack"}}};
    const std::regex include{"^#include \"([a-z]+)/.*"};
    int seen = 0;
    for (const auto& [layer, may_use] : allowed)
        for (const auto& file :
             fs::directory_iterator{fs::path{san::test::source_directory()} / "lib" / layer}) {
            std::ifstream source{file.path()};
            for (std::string line; std::getline(source, line);) {
                std::smatch found;
                if (!std::regex_match(line, found, include)) continue;
                ++seen;
                INFO(file.path() << ": " << line);
                CHECK(may_use.contains(found[1]));
            }
        }
    CHECK(seen > 50);
}

TEST_CASE("layers: no agent includes what is for administrators") {
    for (const auto& file :
         fs::directory_iterator{fs::path{san::test::source_directory()} / "agents"}) {
        std::ifstream source{file.path()};
        for (std::string line; std::getline(source, line);) {
            INFO(file.path() << ": " << line);
            CHECK_FALSE(line.starts_with("#include \"stack/"));
        }
    }
}

TEST_CASE("layers: external libraries appear where they belong") {
    // But for the XML library: metadata go out, the cluster's CIB and other tools' reports come in.
    const std::map<std::string, std::set<std::string>> home{
        {"netlink/", {"kernel"}}, {"iscsi/", {"kernel"}},
        {"crm/", {"cluster"}},    {"qb/", {"cluster"}},
        {"libxml/", {"cluster"}}, {"CLI/", {"stack"}},
        {"nlohmann/", {"stack"}}, {"tinyxml2.h", {"ocf", "cluster", "stack"}}};
    for (const auto* layer : {"base", "kernel", "storage", "cluster", "ocf", "stack"})
        for (const auto& file :
             fs::directory_iterator{fs::path{san::test::source_directory()} / "lib" / layer}) {
            std::ifstream source{file.path()};
            for (std::string line; std::getline(source, line);)
                for (const auto& [library, where] : home)
                    if (line.starts_with("#include <" + library)) {
                        INFO(file.path() << ": " << line);
                        CHECK(where.contains(layer));
                    }
        }
}
