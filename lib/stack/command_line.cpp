// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <sstream>

#include "base/text.hpp"
#include "ocf/manual.hpp"
#include "san_version.hpp"

namespace san::stack {

namespace {

using ocf::roff;

/// Paragraphs, and between them lines that are to stay as they are.
std::string paragraphs(const std::string& text) {
    std::istringstream lines{text};
    std::string page;
    bool as_is = false;
    for (std::string line; std::getline(lines, line);) {
        const bool literal = line.starts_with("  ");
        if (literal != as_is && !line.empty()) {
            page += literal ? ".PP\n.RS\n.nf\n" : ".fi\n.RE\n.PP\n";
            as_is = literal;
        }
        if (line.empty())
            page += as_is ? "\n" : ".PP\n";
        else
            page += roff(literal ? line.substr(2) : line) + "\n";
    }
    return page + (as_is ? ".fi\n.RE\n" : "");
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// "-w, --watch SECONDS"
std::string spelled(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) names.push_back("--" + name);
    if (names.empty()) return option.get_name(true);
    const auto value = takes_value(option) ? " " + option.get_type_name() : std::string{};
    return text::joined(names, ", ") + value;
}

std::string described(const CLI::Option& option) {
    auto text = option.get_description();
    if (const auto fallback = option.get_default_str(); !fallback.empty())
        text += " (default " + fallback + ")";
    return text;
}

/// In the order of their declaration, but for what only the build asks for.
std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    return app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

void list_options(const CLI::App& app, std::ostringstream& page) {
    for (const auto* option : options_of(app))
        page << ".TP\n.B " << roff(spelled(*option)) << '\n' << roff(described(*option)) << '\n';
}

}  // namespace

std::string manual_page(const Program& program, const CLI::App& app) {
    std::ostringstream page;
    page << ".TH " << program.name << " 8 \"\" \"san-agents " << version
         << "\" \"System administration\"\n"
         << ".SH NAME\n"
         << roff(program.name) << " \\- " << roff(program.brief) << '\n'
         << ".SH SYNOPSIS\n.B " << roff(program.name) << "\n[OPTION...]";
    const auto commands = app.get_subcommands(nullptr);
    if (!commands.empty()) page << " [COMMAND]";
    for (const auto* option : options_of(app))
        if (option->get_positional()) page << " [" << roff(option->get_name(true)) << "]";
    page << "\n.SH DESCRIPTION\n" << paragraphs(program.text) << ".SH OPTIONS\n";
    list_options(app, page);
    if (!commands.empty()) page << ".SH COMMANDS\n";
    for (const auto* command : commands) {
        page << ".TP\n.B " << roff(command->get_name()) << '\n'
             << roff(command->get_description()) << "\n.RS\n";
        list_options(*command, page);
        page << ".RE\n";
    }
    page << ".SH EXIT STATUS\n";
    for (const auto& [status, meaning] : program.statuses)
        page << ".TP\n.B " << status << '\n' << roff(meaning) << '\n';
    if (!program.example.empty())
        page << ".SH EXAMPLE\n.nf\n" << roff(program.example) << "\n.fi\n";
    if (!program.see_also.empty()) {
        page << ".SH SEE ALSO\n";
        for (const auto& each : program.see_also)
            page << ".BR " << roff(each) << (&each == &program.see_also.back() ? "\n" : ",\n");
    }
    return page.str();
}

std::string completion(const Program& program, const CLI::App& app) {
    std::vector<std::string> names;
    std::ostringstream values;
    for (const auto* option : options_of(app)) {
        std::vector<std::string> own;
        for (const auto& name : option->get_snames()) own.push_back("-" + name);
        for (const auto& name : option->get_lnames()) own.push_back("--" + name);
        names.insert(names.end(), own.begin(), own.end());
        if (own.empty() || !takes_value(*option)) continue;
        std::string offered = "compgen -f -- \"$current\"";
        for (const auto& [of, words] : program.words)
            if (std::find(own.begin(), own.end(), of) != own.end())
                offered = "compgen -W \"" + words + "\" -- \"$current\"";
        values << "        " << text::joined(own, "|") << ") mapfile -t COMPREPLY < <(" << offered
               << "); return ;;\n";
    }
    for (const auto* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
    auto function = "_" + program.name;
    std::replace(function.begin(), function.end(), '-', '_');
    std::ostringstream file;
    file << "# bash completion for " << program.name << "\n"
         << function << "() {\n    local current=${COMP_WORDS[COMP_CWORD]}\n"
         << "    case ${COMP_WORDS[COMP_CWORD-1]} in\n"
         << values.str() << "    esac\n    mapfile -t COMPREPLY < <(compgen -W \""
         << text::joined(names, " ") << "\" -- \"$current\")\n}\ncomplete -F " << function << " "
         << program.name << "\n";
    return file.str();
}

int run(const Program& program, CLI::App& app, int count, char** given, int failure,
        const std::function<int()>& work) {
    app.name(program.name);
    app.description(program.name + ": " + program.brief);
    app.set_help_flag("-h,--help", "Print this and end.");
    app.set_version_flag("-V,--version", std::string{"san-agents "} + version,
                         "Print the version and end.");
    bool wants_manual = false, wants_completion = false;
    app.add_flag("--manual", wants_manual)->group("");
    app.add_flag("--completion", wants_completion)->group("");
    std::string statuses = "Exit status:";
    for (const auto& [status, meaning] : program.statuses)
        statuses += "\n  " + std::to_string(status) + "  " + meaning;
    app.footer(statuses);
    try {
        app.parse(count, given);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : usage_status;
    }
    if (wants_manual || wants_completion) {
        const auto text = wants_manual ? manual_page(program, app) : completion(program, app);
        std::fputs(text.c_str(), stdout);
        return 0;
    }
    try {
        return work();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s: %s\n", program.name.c_str(), problem.what());
        return failure;
    }
}

}  // namespace san::stack
