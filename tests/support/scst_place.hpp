// SPDX-License-Identifier: GPL-2.0-or-later
// A node with SCST and its daemon, a target and a unit that are wanted there.
#pragma once

#include "storage/scst_actions.hpp"
#include "storage/scst_target.hpp"
#include "support/node.hpp"

namespace san::test {

struct Scst_place {
    static constexpr auto name = "iqn.2026-01.org.example:disk1";
    static constexpr auto host = "iqn.2026-01.org.example:host";
    static constexpr auto other = "iqn.2026-01.org.example:other";
    static Iscsi_name iqn(const std::string& text) { return Iscsi_name::parse(text); }
    static Deadline soon() { return Deadline::in(std::chrono::seconds{5}); }

    Scst_place() {
        scst.load_handlers();
        scst.start_daemon();
        scst.files["/disk"] = {.bytes = 1 << 20};
        scst.files["/dev/vdb"] = {.bytes = 1 << 20, .is_block = true};
        node.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
    }

    Node node;
    Fake_scst& scst = node.scst;
    Target target{.iqn = iqn(name), .portals = {Portal::parse("0.0.0.0")}};
    Scst_unit unit{.device = "p_test",
                   .target = iqn(name),
                   .lun = Lun_number::parse("1"),
                   .handler = "vdisk_fileio",
                   .path = Backing_path::parse("/disk"),
                   .attributes = {{"write_through", "1"}, {"usn", "0123abcd"}}};

    std::string at(const std::string& entry) const {
        return std::string{"targets/iscsi/"} + name + "/" + entry;
    }
    std::string value(const std::string& path) const {
        const auto text = scst.read(path).text;
        return text.substr(0, text.find('\n'));
    }
    Change start() { return scst_actions::start(target, node.system, soon()); }
    Change reload() { return scst_actions::reload(target, node.system, soon()); }
    Change stop() { return scst_actions::stop(target_place(), node.system, soon()); }
    Target_place target_place() const {
        Target_place place{.iqn = target.iqn};
        if (target.discovery) place.discovery_user = target.discovery->user;
        return place;
    }
    std::vector<std::string> faults() { return scst_actions::faults(target, node.system, soon()); }
    Change start_unit() { return scst_actions::start(unit, node.system, soon()); }
    scst_actions::Place place() const {
        return {.device = unit.device, .path = unit.path, .target = unit.target};
    }
    Change stop_unit() { return scst_actions::stop(place(), node.system, soon()); }
    bool has_unit() { return scst_actions::exists(place(), node.system, soon()); }
    std::vector<std::string> unit_faults() {
        return scst_actions::faults(unit, node.system, soon());
    }
    void give_accounts() {
        target.credentials = Chap_credentials{{"client", Secret{"s3cretpassw0rd"}},
                                              Chap_account{"server", Secret{"0therpassw0rd"}}};
    }
};

}  // namespace san::test
