// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

const stack::Program program{.name = "san-try",
                             .brief = "tries things",
                             .text = "It tries.\n\n  san-try --all\n\nThat is all.",
                             .statuses = {{0, "tried"}, {2, "failed"}},
                             .see_also = {"crm (8)"},
                             .words = {{"--name", "a b"}}};

struct Options {
    std::string name{};
    bool all = false;
    void declare(CLI::App& app) {
        app.add_option("-n,--name", name, "Who tries.")->type_name("NAME");
        app.add_flag("--all", all, "Try all.");
    }
};

int run(std::vector<std::string> words, const std::function<int(const Options&)>& work) {
    CLI::App app;
    Options options;
    options.declare(app);
    words.insert(words.begin(), "san-try");
    std::vector<char*> given;
    for (auto& word : words) given.push_back(word.data());
    return stack::run(program, app, static_cast<int>(given.size()), given.data(), 2,
                      [&] { return work(options); });
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("command line: work gets the options, its status is the program's") {
    CHECK(run({"--name", "me", "--all"}, [](const Options& options) {
              CHECK(options.name == "me");
              CHECK(options.all);
              return 7;
          }) == 7);
}

TEST_CASE("command line: an Error is the status of failure, a wrong word that of usage") {
    CHECK(run({}, [](const Options&) -> int { throw Error{Kind::failed, "no"}; }) == 2);
    const auto unreached = [](const Options&) -> int {
        FAIL("not called for");
        return 0;
    };
    CHECK(run({"--nonsense"}, unreached) == stack::usage_status);
    CHECK(run({"word"}, unreached) == stack::usage_status);
    CHECK(run({"--help"}, unreached) == 0);
}

TEST_CASE("command line: manual and completion follow the declaration") {
    CLI::App app;
    Options options;
    options.declare(app);
    const auto page = stack::manual_page(program, app);
    CHECK(has(page, "san\\-try \\- tries things"));
    CHECK(has(page, "\\-n, \\-\\-name NAME"));
    CHECK(has(page, "Who tries."));
    CHECK(has(page, ".nf\nsan\\-try \\-\\-all\n"));
    CHECK(has(page, ".BR crm (8)\n"));
    const auto file = stack::completion(program, app);
    CHECK(has(file, "-n|--name) mapfile -t COMPREPLY < <(compgen -W \"a b\""));
    CHECK(has(file, "--all"));
    CHECK_FALSE(has(file, "--all)"));
    CHECK(has(file, "complete -F _san_try san-try"));
}
