// SPDX-License-Identifier: GPL-2.0-or-later
// The program around an agent: logging, the real node, one action.
//
// No C++ streams: the first one makes a locale, which costs a monitor a tenth of its time.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <syslog.h>
#include <unistd.h>

#include "base/command.hpp"
#include "base/log.hpp"
#include "base/syslog.hpp"
#include "cluster/attributes.hpp"
#include "kernel/machine.hpp"
#include "ocf/run.hpp"

namespace {

using namespace san;

bool is_true(const std::optional<std::string>& value) {
    return value && !value->empty() && *value != "0";
}

/// Shape of the shell agents' lines, so that mixed clusters read alike: agent(instance)[pid].
/// Run by the cluster the lines go to syslog; run by hand to stderr.
void open_log(const std::string& agent, const ocf::Environment& environment) {
    // syslog(3) keeps the pointer.
    static std::string tag;
    tag = agent + "(" + environment.instance() + ")";
    const bool debug = is_true(environment.find("HA_debug"));
    const auto wanted = environment.find("HA_LOGFACILITY");
    const bool to_syslog = wanted && !wanted->empty() && *wanted != "none" && ::isatty(0) == 0;
    const int to = to_syslog ? log::facility(*wanted).value_or(LOG_DAEMON) : 0;
    log::set_sink([=](log::Level level, std::string_view line) {
        if (level == log::Level::debug && !debug) return;
        if (to_syslog) {
            // Each time: a child in the background has closed it.
            ::openlog(tag.c_str(), LOG_PID, to);
            ::syslog(log::priority(level), "%s: %.*s", log::word(level),
                     static_cast<int>(line.size()), line.data());
        } else
            std::fprintf(stderr, "%s[%d]: %s: %.*s\n", tag.c_str(), ::getpid(), log::word(level),
                         static_cast<int>(line.size()), line.data());
    });
}

/// Parameters are for this program alone: with a password among them, every program that it starts
/// would have it in its environment, and a daemon for as long as it lives. What Pacemaker's tools
/// look for, the names of nodes, are no parameters.
void keep_parameters(const ocf::Environment& environment) {
    for (const auto& name : environment.parameter_names())
        ::unsetenv(("OCF_RESKEY_" + name).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    const auto agent = ocf::this_agent();
    auto environment = ocf::Environment::own();
    open_log(agent->description().name, environment);
    keep_parameters(environment);

    Programs programs;
    cluster::Attrd_attributes attributes{programs};
    std::optional<Machine> machine;
    const auto node = [&]() -> System& {
        machine.emplace(environment.node(), attributes);
        return machine->system();
    };
    const auto outcome = ocf::run(*agent, arguments, environment, node);
    std::fputs(outcome.out.c_str(), stdout);
    std::fputs(outcome.err.c_str(), stderr);
    return outcome.code;
}
