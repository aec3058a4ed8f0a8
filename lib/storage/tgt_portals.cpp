// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_portals.hpp"

#include "base/error.hpp"

namespace san::tgt_portals {

namespace {

using Talk = Tgt_conversation;

/// Whether the daemon listens there, alone or with all its addresses.
bool is_covered(const Portal& portal, const std::vector<std::string>& portals) {
    const auto any = Portal::at(Ip::parse(portal.ip().family() == Family::ipv6 ? "::" : "0.0.0.0"),
                                portal.port());
    return tgt::has(portals, portal.to_text()) || tgt::has(portals, any.to_text());
}

std::vector<std::string> heard(const Talk& talk) {
    return tgt::parse_portals(talk.find(tgt::show_portals()).value_or(""));
}

}  // namespace

Change listen(const std::vector<Portal>& portals, const Talk& talk) {
    auto change = Change::none;
    for (const auto& portal : portals) {
        if (is_covered(portal, heard(talk))) continue;
        const auto name = "portal " + portal.to_text();
        const auto code = talk.attempt(tgt::make_portal(portal.to_text()), name + " added");
        if (code != 0)
            throw Error{Kind::failed, talk.subject() + ": " + name +
                                          ": expected an address of this node, since tgtd can "
                                          "listen at no other, and a port that is free"};
        change = Change::made;
    }
    return change;
}

Change leave(const std::vector<Portal>& portals, const Talk& talk) {
    auto change = Change::none;
    for (const auto& portal : portals)
        if (!portal.ip().is_unspecified() && tgt::has(heard(talk), portal.to_text()))
            change |=
                talk.change(tgt::remove_portal(portal.to_text()),
                            "portal " + portal.to_text() + " removed", {tgt::invalid_request});
    return change;
}

std::vector<std::string> faults(const std::vector<Portal>& portals, const Talk& talk) {
    const auto there = heard(talk);
    std::vector<std::string> faults;
    for (const auto& portal : portals)
        if (!is_covered(portal, there))
            faults.push_back("nobody listens at portal " + portal.to_text());
    return faults;
}

}  // namespace san::tgt_portals
