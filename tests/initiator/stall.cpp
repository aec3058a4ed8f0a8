// SPDX-License-Identifier: GPL-2.0-or-later
#include "stall.hpp"

#include <ostream>

#include "session.hpp"

namespace initiator {

int stall(const Options& options, Stop& stop, std::ostream& out) {
    Session session{options.peer, stop};
    session.stall();
    out << "{\"stalled\": true}" << std::endl;
    while (!stop.requested()) stop.wait(Clock::time_point::max());
    return 0;
}

}  // namespace initiator
