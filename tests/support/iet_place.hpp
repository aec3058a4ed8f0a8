// SPDX-License-Identifier: GPL-2.0-or-later
// A node with IET, a target and a unit to be made on it, and who kills what makes them.
#pragma once

#include <memory>

#include "kernel/iet_requests.hpp"
#include "storage/iet_target.hpp"
#include "storage/iet_unit.hpp"
#include "support/node.hpp"

namespace san::test::iet_place {

using namespace std::chrono_literals;

using Texts = std::vector<std::string>;

inline Iscsi_name iqn(const std::string& text) { return Iscsi_name::parse(text); }
inline const auto name = "iqn.2026-01.org.example:disk1";
inline const auto other = "iqn.2026-01.org.example:disk2";
inline const auto host = "iqn.2026-01.org.example:host";
inline const auto allow = "/etc/iet/initiators.allow";

struct Place {
    Place() {
        node.iet.is_loaded = true;
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
        node.files.replace("/disk", "x");
        node.iet.files = {"/disk", "/theirs"};
    }

    test::Node node;
    test::Fake_iet& module = node.iet;
    Target target{.iqn = iqn(name), .portals = {Portal::parse("10.0.0.7")}};
    Logical_unit unit{.name = "p_test",
                      .target = iqn(name),
                      .lun = Lun_number::parse("0"),
                      .path = Backing_path::parse("/disk"),
                      .serial = Scsi_serial::parse("0123abcd"),
                      .tgt = {.scsi_id = "p_test"}};

    static Deadline soon() { return Deadline::in(5s); }
    Change start() { return iet_target::start(target, node.system, soon()); }
    Change reload() { return iet_target::reload(target, node.system, soon()); }
    Change stop(const Deadline& deadline = soon()) {
        return iet_target::stop({.iqn = target.iqn}, node.system, deadline);
    }
    Texts faults() { return iet_target::faults(target, node.system, soon()); }
    Change start_unit() { return iet_unit::start(unit, node.system, soon()); }
    Unit_place unit_place() const {
        return {.name = unit.name, .target = unit.target, .lun = unit.lun, .path = unit.path};
    }
    Change stop_unit(const Deadline& deadline = soon()) {
        return iet_unit::stop(unit_place(), node.system, deadline);
    }
    Texts unit_faults() { return iet_unit::faults(unit, node.system, soon()); }
    test::Fake_iet::Target& made() { return *module.find(name); }
    std::string lets_in() { return node.files.find(allow).value_or(""); }
    void give_accounts() {
        target.credentials =
            Chap_credentials{{"client", Secret{"s3cret"}}, Chap_account{"server", Secret{"0ther"}}};
    }
    void log_in(std::uint64_t session, const std::string& initiator) {
        made().sessions.push_front(
            {.number = session, .initiator = initiator, .address = "10.0.0.1"});
    }
    unsigned count(const std::string& words) {
        unsigned found = 0;
        for (const auto& one : module.asked)
            if (text::joined(one.words, " ").starts_with(words)) ++found;
        return found;
    }
};

/// Dies before the change of that number, of the module or of a file.
struct Killed {};
inline void kill_before(Place& place, int change) {
    const auto left = std::make_shared<int>(change);
    place.module.before = [left](const std::string&) {
        if (--*left < 0) throw Killed{};
    };
    place.node.bounded.before = [left] {
        if (--*left < 0) throw Killed{};
    };
}
inline void let_live(Place& place) {
    place.module.before = [](const std::string&) {};
    place.node.bounded.before = [] {};
}

}  // namespace san::test::iet_place
