// SPDX-License-Identifier: GPL-2.0-or-later
// A helper's command line. Its options are declared once, with CLI11; help, manual page and bash
// completion are made of that.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace san::stack {

/// EX_USAGE of sysexits.h: what was called for cannot be understood.
constexpr int usage_status = 64;

struct Program {
    std::string name;
    std::string brief;  ///< one line, without a full stop
    /// Paragraphs with an empty line between. Lines that begin with two blanks are shown as they
    /// are: commands, or what is printed.
    std::string text;
    std::vector<std::pair<int, std::string>> statuses;
    std::string example{};
    std::vector<std::string> see_also{};  ///< "crm (8)"
    /// What the completion offers for an option: option and shell words, as "--rule" and
    /// "$(san-check --list-rules --names)".
    std::vector<std::pair<std::string, std::string>> words{};
};

/// Options of every helper: --help, --version; and for the build, hidden, --manual and
/// --completion. Then reads the command line, and runs `work` if something is left to do.
///
/// Returns  what `work` returns; 0 after a text was printed; usage_status. An Error that leaves
///          `work` is printed, and gives `failure`
int run(const Program& program, CLI::App& app, int count, char** given, int failure,
        const std::function<int()>& work);

/// NAME(8) as roff.
std::string manual_page(const Program& program, const CLI::App& app);
/// A file for bash-completion's directory.
std::string completion(const Program& program, const CLI::App& app);

}  // namespace san::stack
