// SPDX-License-Identifier: GPL-2.0-or-later
// san-fence-peer, and under its other name san-unfence-peer: DRBD's handlers that keep a peer
// without the latest writes from being promoted by Pacemaker, and let it again.
#include <csignal>
#include <unistd.h>

#include "cluster/fence_program.hpp"

int main(int count, char** given) {
    using namespace san;
    // Whoever started us may not listen until the end.
    std::signal(SIGPIPE, SIG_IGN);
    Programs programs;
    const Files files;
    const auto kernel = drbd::make_kernel();
    const auto cluster = cluster::make_cluster(programs);
    return cluster::run_fence_program(given[0], {given + 1, given + count},
                                      {.host = host_name(),
                                       .cluster = *cluster,
                                       .files = files,
                                       .kernel = *kernel,
                                       .commands = programs,
                                       .environment = own_variables(),
                                       .at_terminal = ::isatty(STDIN_FILENO) == 1});
}
