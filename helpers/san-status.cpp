// SPDX-License-Identifier: GPL-2.0-or-later
// san-status: the whole storage stack on one screen, on all nodes of the cluster.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "cluster/attributes.hpp"
#include "cluster/cluster.hpp"
#include "kernel/machine.hpp"
#include "stack/command_line.hpp"
#include "stack/status.hpp"
#include "stack/status_sources.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

const stack::Program program{
    .name = "san-status",
    .brief = "Shows the whole storage stack on one screen",
    .text =
        "Replication, volume groups, targets with their units and initiators, and addresses, of "
        "all "
        "nodes of the cluster. First a sentence that says whether all of it is whole, then what "
        "does not serve, what is in the way of the cluster, and what is degraded.\n\n"
        "The cluster is asked through crm_mon, this node's kernel directly, and the other nodes "
        "over "
        "ssh, as root and by their names in the cluster; a node that does not answer within the "
        "time is shown as not asked. A part of the kernel that hangs is named, and not waited for. "
        "Targets of SCST and IET are not shown.",
    .statuses = {{0, "whole: everything runs, and nothing is in the way"},
                 {1, "degraded: all serves, and something should be looked at"},
                 {2, "failed: something does not serve"},
                 {3, "an error: nothing could be said"}},
    .example = "san-status\nsan-status --watch\nsan-status --output-as=json",
    .see_also = {"crm_mon (8)", "drbdsetup (8)"}};

struct Wish {
    bool local = false;
    bool as_json = false;
    bool only_this_node = false;
    unsigned seconds = 10;
};

stack::Status gather(const Wish& wish) {
    Programs programs;
    const auto deadline = Deadline::in(std::chrono::seconds{wish.seconds});
    cluster::Attrd_attributes attributes{programs};
    Machine machine{stack::own_name(programs, deadline), attributes};
    auto& node = machine.system();
    if (!wish.local) return stack::gather(node, !wish.only_this_node, deadline);
    return {.nodes = {{.name = node.name, .status = stack::look_at_node(node, deadline)}}};
}

stack::Paper paper() {
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    // https://no-color.org: set, and not empty.
    const auto* no_colour = std::getenv("NO_COLOR");
    winsize size{};
    const bool has_size = is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return {.coloured = is_terminal && !(no_colour && *no_colour),
            .width = has_size ? size.ws_col : 0U};
}

int show(const Wish& wish) {
    const auto status = gather(wish);
    const auto text = wish.as_json ? stack::to_json(status) : stack::render(status, paper());
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    return wish.local ? 0 : static_cast<int>(assess(status).health);
}

/// Draws again when the cluster's configuration or state changes, and each time that the interval
/// is over, until a signal ends it: nothing of the terminal is changed but what is on it.
int watch(const Wish& wish, std::chrono::seconds interval) {
    Programs programs;
    const auto cluster = cluster::make_cluster(programs);
    for (;;) {
        try {
            // From here on a change is not missed.
            static_cast<void>(cluster->query(2s));
        } catch (const Error&) {
            // The status says so.
        }
        const auto status = gather(wish);
        const auto text = wish.as_json ? stack::to_json(status) : stack::render(status, paper());
        // ECMA-48: cursor home, erase to the end of the screen.
        const bool clears = !wish.as_json && ::isatty(STDOUT_FILENO) == 1;
        if (std::fputs(((clears ? "\x1b[H\x1b[J" : "") + text).c_str(), stdout) < 0 ||
            std::fflush(stdout) != 0)
            return 3;
        cluster->wait(interval);
    }
}

}  // namespace

int main(int count, char** given) {
    Wish wish;
    unsigned interval = 0;
    std::string form = "text";
    CLI::App app;
    app.add_option("--output-as", form, "text, or json for programs")
        ->type_name("FORM")
        ->check(CLI::IsMember({"text", "json"}));
    auto* watches = app.add_option("--watch", interval,
                                   "Draw again when the cluster changes, and after as many seconds "
                                   "(5 unless given)")
                        ->type_name("SECONDS")
                        ->expected(0, 1)
                        ->default_str("5");
    app.add_flag("--local", wish.local,
                 "Only what this node's kernel shows; the cluster is not asked");
    app.add_flag("--this-node", wish.only_this_node, "Do not ask the other nodes");
    app.add_option("--timeout", wish.seconds, "For all that is asked; 10 unless given")
        ->type_name("SECONDS");
    return stack::run(program, app, count, given, 3, [&] {
        wish.as_json = form == "json";
        log::set_sink([](log::Level, std::string_view) {});
        if (watches->count() == 0) return show(wish);
        return watch(wish, std::chrono::seconds{interval == 0 ? 5 : interval});
    });
}
