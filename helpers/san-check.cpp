// SPDX-License-Identifier: GPL-2.0-or-later
// san-check: looks for the traps in a stack's configuration, and says how to get out of them.
//
// It reads, and changes nothing, on no node.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "base/command.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "stack/check_report.hpp"
#include "stack/check_sources.hpp"
#include "stack/command_line.hpp"
#include "stack/facts_document.hpp"
#include "stack/node_survey.hpp"
#include "stack/rules.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

constexpr int could_not_check = 3;

/// Without a description, which would be all of their names in the help.
const CLI::Validator is_rule{
    [](std::string& name) {
        const auto& rules = stack::all_rules();
        const bool exists = std::any_of(rules.begin(), rules.end(),
                                        [&](const auto& rule) { return rule.name == name; });
        return exists ? std::string{} : "there is no rule " + text::quoted(name);
    },
    ""};

std::string rules_listed(bool names_only) {
    std::string lines;
    for (const auto& rule : stack::all_rules())
        lines +=
            names_only
                ? rule.name + "\n"
                : rule.name +
                      std::string(
                          std::max<std::size_t>(22, rule.name.size() + 1) - rule.name.size(), ' ') +
                      rule.brief + "\n";
    return lines;
}

/// The rules stand in the manual as --list-rules prints them.
stack::Program about() {
    std::string rules;
    for (const auto& rule : stack::all_rules())
        rules += "  " + rule.name +
                 std::string(rule.name.size() < 22 ? 22 - rule.name.size() : 1, ' ') + rule.brief +
                 "\n";
    return {
        .name = "san-check",
        .brief = "looks for the traps in the configuration of a storage cluster",
        .text =
            "Reads the configuration of Pacemaker, DRBD, LVM and corosync, looks at this node, and "
            "asks "
            "the others by ssh(1) as the user that runs it (BatchMode, so that it never asks for a "
            "password; san-check has to be installed there). It prints what is wrong or could be, "
            "each "
            "with the reason and with what mends it. Nothing is changed.\n\n"
            "With --cib, --drbd, --corosync, --lvm or --read nothing is looked at but what is "
            "named, so "
            "that a configuration can be judged on another machine. What was looked at, and what "
            "was "
            "not, is printed at the end.\n\n"
            "Agents are asked for the timeouts that they advise (meta-data). Values in the "
            "configuration that hold only at times, by a rule, are left aside.\n\n"
            "The rules:\n\n" +
            rules +
            "\nWith --output-as=json it prints an object with format (1), version, sources "
            "(objects "
            "with name, read, from) and findings (objects with rule, severity, subject, reason and "
            "mend, which can be empty). With --output-as=xml it prints an element san-check with "
            "the "
            "attributes format and version, elements source with the same attributes, and elements "
            "finding with the attributes rule, severity and subject and the elements reason and "
            "mend, "
            "of which the latter can be missing. severity is error, warning or note. Names of "
            "rules "
            "stay; more can be added to all of this.",
        .statuses = {{0, "nothing was found, or only notes"},
                     {1, "warnings"},
                     {2, "errors"},
                     {could_not_check,
                      "it could not be checked, or without the cluster's configuration"},
                     {stack::usage_status, "wrong usage"}},
        .example =
            "san-check\nsan-check --cib cib.xml --except secret-in-cluster\n"
            "san-check --facts >alice.xml       # on alice\n"
            "san-check --cib cib.xml --read alice.xml --read bob.xml",
        .see_also = {"crm_verify (8)", "crm (8)", "drbdadm (8)", "lvmconfig (8)"},
        .words = {{"--rule", "$(san-check --list-rules --names)"},
                  {"--except", "$(san-check --list-rules --names)"},
                  {"--output-as", "text xml json"}}};
}

struct Options {
    stack::Wanted_sources sources{};
    std::vector<std::string> only{}, except{}, secrets{};
    std::string format{"text"}, name{};
    int failover = 0;
    bool list = false, names = false, facts = false;

    void declare(CLI::App& app) {
        app.add_option("--cib", sources.cib, "Take the cluster's configuration from this file.")
            ->type_name("FILE");
        app.add_option("--drbd", sources.drbd,
                       "Take DRBD's from this file: what `drbdadm dump-xml` prints.")
            ->type_name("FILE");
        app.add_option("--corosync", sources.corosync, "Take this for corosync.conf.")
            ->type_name("FILE");
        app.add_option("--lvm", sources.lvm, "Take this for lvm.conf, of all nodes.")
            ->type_name("FILE");
        app.add_option(
               "--read", sources.facts,
               "Take the facts of a node from this file: what --facts printed there. Can be "
               "given more than once.")
            ->type_name("FILE")
            ->allow_extra_args(false);
        app.add_option(
               "--node", sources.nodes,
               "Ask this node. Can be given more than once; all of the cluster unless given.")
            ->type_name("NAME")
            ->allow_extra_args(false);
        app.add_flag("--local", sources.local, "Ask no other node.");
        app.add_option("--root", sources.root, "Read the files of a node below this directory.")
            ->type_name("DIRECTORY");
        app.add_option("--ocf-root", sources.ocf_root, "Where agents are.")
            ->type_name("DIRECTORY")
            ->envname("OCF_ROOT");
        app.add_option("--failover", failover,
                       "How long the longest failover took, for what has to be longer.")
            ->type_name("SECONDS")
            ->check(CLI::Range(1, 86400));
        app.add_option("--rule", only, "Ask only this rule. Can be given more than once.")
            ->type_name("NAME")
            ->allow_extra_args(false)
            ->check(is_rule);
        app.add_option("--except", except, "Do not ask this rule. Can be given more than once.")
            ->type_name("NAME")
            ->allow_extra_args(false)
            ->check(is_rule);
        app.add_option("--output-as", format, "text, xml or json.")
            ->type_name("FORMAT")
            ->check(CLI::IsMember({"text", "xml", "json"}));
        app.add_flag("--list-rules", list, "Print the rules and end.");
        app.add_flag("--names", names, "With --list-rules: their names alone.");
        app.add_flag("--facts", facts, "Print what this node says of itself, as XML, and end.");
        app.add_option("--name", name, "With --facts: this node's name in the cluster.")
            ->type_name("NAME");
        app.add_option("--secret-file", secrets,
                       "With --facts: a file with a secret. Can be given more than once.")
            ->type_name("FILE")
            ->allow_extra_args(false);
    }
};

bool has_colour() {
    const auto* refused = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (!refused || *refused == '\0');
}

int print_facts(const Options& options) {
    Programs programs;
    const auto facts = stack::survey({.node = options.name.empty() ? host_name() : options.name,
                                      .root = options.sources.root,
                                      .secrets = options.secrets},
                                     programs, Deadline::in(30s));
    std::fputs(stack::to_xml(facts).c_str(), stdout);
    return 0;
}

int check(Options& options) {
    if (options.list) {
        std::fputs(rules_listed(options.names).c_str(), stdout);
        return 0;
    }
    if (options.facts) return print_facts(options);
    if (options.failover > 0) options.sources.failover = std::chrono::seconds{options.failover};
    // The shell agents find their library by it.
    ::setenv("OCF_ROOT", options.sources.ocf_root.c_str(), 1);
    Programs programs;
    auto [facts, sources] = stack::gather(options.sources, host_name(), programs);
    const stack::Report report{.findings = stack::check(facts, options.only, options.except),
                               .sources = std::move(sources),
                               .rules = options.only.empty()
                                            ? stack::all_rules().size() - options.except.size()
                                            : options.only.size()};
    const auto text = options.format == "xml"    ? stack::as_xml(report)
                      : options.format == "json" ? stack::as_json(report)
                                                 : stack::as_text(report, has_colour());
    std::fputs(text.c_str(), stdout);
    // Without the cluster's configuration most of it was not checked, whatever else was found.
    if (!facts.cluster && !options.sources.are_files()) return could_not_check;
    return stack::status_of(report.findings);
}

}  // namespace

int main(int count, char** given) {
    CLI::App app;
    Options options;
    options.declare(app);
    return stack::run(about(), app, count, given, could_not_check, [&] { return check(options); });
}
