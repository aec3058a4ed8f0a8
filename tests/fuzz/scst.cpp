// SPDX-License-Identifier: GPL-2.0-or-later
// SCST's tree as it may be found: by a monitor, and by who builds on it or takes it down. As with
// LIO's, a text there is no fault of the configuration.
#include "fuzz/fuzz.hpp"
#include "fuzz/tree.hpp"
#include "storage/scst_access.hpp"
#include "storage/scst_accounts.hpp"
#include "storage/scst_target.hpp"
#include "storage/scst_unit.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "scst", .is_netlink = false, .quick = 10000};

namespace {

using namespace std::chrono_literals;

constexpr auto target_name = "iqn.2016-06.com.example:disk1";
const auto target_path = "targets/iscsi/" + std::string{target_name};

const Tree_text::Shorthands shorthands{{'i', "targets/iscsi"},
                                       {'t', target_path},
                                       {'a', target_path + "/ini_groups/allowed"},
                                       {'s', target_path + "/sessions"},
                                       {'d', "devices/disk1"},
                                       {'h', "handlers/vdisk_fileio"}};

Target wanted_target(bool with_list) {
    Target wanted{.iqn = Iscsi_name::parse(target_name), .portals = {Portal::parse("0.0.0.0")}};
    if (!with_list) return wanted;
    wanted.portals = {Portal::parse("10.77.0.15:3260")};
    wanted.initiators = {Iscsi_name::parse("iqn.2016-06.com.example:joe")};
    wanted.credentials = Chap_credentials{{"joe", Secret{"twelve letters"}},
                                          Chap_account{"disk1", Secret{"letters twelve"}}};
    wanted.parameters = {Login_parameter::parse("HeaderDigest=CRC32C,None"),
                         Login_parameter::parse("MaxSessions=4")};
    wanted.port_number = 7;
    wanted.discovery = Chap_account{"all", Secret{"of the targets"}};
    return wanted;
}

Scst_unit wanted_unit(bool has_path) {
    Scst_unit wanted{.device = "disk1",
                     .target = Iscsi_name::parse(target_name),
                     .lun = Lun_number::parse("0"),
                     .handler = "vdisk_fileio",
                     .attributes = {{"write_through", "1"},
                                    {"blocksize", "512"},
                                    {"usn", "0123abcd"},
                                    {"naa_id", "0x60014057A0c1b2d0"}}};
    if (has_path) wanted.path = Backing_path::parse("/srv/iscsi/disk1.img");
    return wanted;
}

const std::array targets{wanted_target(false), wanted_target(true)};
const std::array units{wanted_unit(false), wanted_unit(true)};

/// What is asked of a tree.
class Visit {
public:
    explicit Visit(const Input& input)
        : tree{input.text(), shorthands},
          target{targets[input.chooses(0)]},
          unit{units[input.chooses(1)]} {}

    void look() {
        using scst_accounts::Kind_of_user;
        ask([&] { scst_target::faults(target, talk); });
        ask([&] { scst_unit::faults(unit, talk); });
        ask([&] { scst_unit::exists(unit.device, unit.path, talk); });
        ask([&] { scst_access::lun_sets(target.iqn, talk); });
        for (const auto kind : {Kind_of_user::incoming, Kind_of_user::outgoing})
            ask([&] {
                for (const auto& one : scst_accounts::shown(
                         {scst_access::target_directory(target.iqn), target_name}, kind, talk))
                    require(one.user.find(' ') == std::string::npos, "a user of two words");
            });
    }
    void start() {
        scst_target::build(target, talk);
        require(scst_target::exists(target.iqn, tree), "a target that was made and is not there");
        scst_unit::build(unit, unit.handler, talk);
        require(scst_unit::exists(unit.device, unit.path, talk),
                "a unit that was made and is not there");
    }
    void stop() {
        ask([&] { scst_unit::end_busy_sessions(target.iqn, talk); });
        ask([&] {
            scst_unit::remove(unit.device, unit.path, talk);
            require(!scst_unit::exists(unit.device, unit.path, talk),
                    "a unit that was stopped and is there");
        });
        ask([&] {
            scst_target::remove({.iqn = target.iqn, .discovery_user = "all"}, talk);
            require(!scst_target::exists(target.iqn, tree),
                    "a target that was stopped and is there");
        });
    }

private:
    Text_scst tree;
    const Target& target;
    const Scst_unit& unit;
    // Nothing is waited for.
    Scst_conversation talk{tree, Deadline::in(0ms), "what is tried"};
};

}  // namespace

void decode(const Input& input) {
    Visit visit{input};
    switch (input.choice >> 2U) {
        case 0:
            return visit.look();
        case 1:
            return visit.start();
        default:
            return visit.stop();
    }
}

}  // namespace san::fuzz
