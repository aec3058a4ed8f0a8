// SPDX-License-Identifier: GPL-2.0-or-later
// LIO's tree as it may be found: by a monitor, and by who builds on it or takes it down. A text
// that nobody has written there is no fault of the configuration: an agent that is told so says
// "nothing to stop", or that no node can run its resource.
#include "fuzz/fuzz.hpp"
#include "fuzz/tree.hpp"
#include "stack/lio_status.hpp"
#include "storage/device_users.hpp"
#include "storage/discovery.hpp"
#include "storage/logical_unit.hpp"
#include "storage/login_check.hpp"
#include "storage/portal_sockets.hpp"
#include "storage/target.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_firewall.hpp"
#include "support/fake_network.hpp"
#include "support/source_directory.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "lio", .is_netlink = false, .quick = 4000};

namespace {

using namespace std::chrono_literals;

constexpr auto target_name = "iqn.2026-01.org.example:disk1";
const auto group = "target/iscsi/" + std::string{target_name} + "/tpgt_1";

const Tree_text::Shorthands shorthands{
    {'f', "target/iscsi"},       {'g', group},
    {'l', group + "/lun/lun_1"}, {'a', group + "/acls/iqn.2026-01.org.example:joe"},
    {'c', "target/core"},        {'d', "target/core/fileio_7/lun1"}};

Target wanted_target(bool with_list) {
    Target wanted{.iqn = Iscsi_name::parse(target_name),
                  .portals = {Portal::parse("10.0.0.7:3260"), Portal::parse("[2001:db8::7]:3260")}};
    if (!with_list) return wanted;
    wanted.initiators = {Iscsi_name::parse("iqn.2026-01.org.example:joe")};
    wanted.credentials = Chap_credentials{{"joe", Secret{"open sesame"}},
                                          Chap_account{"disk1", Secret{"sesame open"}}};
    wanted.parameters = {Login_parameter::parse("MaxConnections=4")};
    wanted.port_number = 7;
    wanted.discovery = Chap_account{"all", Secret{"of them"}};
    return wanted;
}

Logical_unit wanted_unit(bool with_list) {
    Logical_unit wanted{.name = "lun1",
                        .target = Iscsi_name::parse(target_name),
                        .lun = Lun_number::parse("1"),
                        // This corpus is a file that is everywhere.
                        .path = Backing_path::parse("/lio.txt"),
                        .serial = Scsi_serial::parse("0123abcd")};
    if (!with_list) {
        wanted.registrations = Registrations::parse_line(
            "initiator_fabric=iSCSI,initiator_node=iqn.2026-01.org.example:joe,"
            "initiator_sid=00023d000001,sa_res_key=2748,res_holder=0,res_all_tg_pt=0,mapped_lun=1,"
            "target_fabric=iSCSI,target_node=iqn.2026-01.org.example:disk1,tpgt=1,port_rtpi=1,"
            "target_lun=1");
        return wanted;
    }
    wanted.initiators = {Iscsi_name::parse("iqn.2026-01.org.example:joe")};
    wanted.block_size = Block_size::parse("512");
    wanted.alua = Alua{Alua_group_name::parse("a"), 7, Alua_state::parse("active")};
    wanted.switches = {{"emulate_tpu", Switch::parse("1")}};
    return wanted;
}

const std::array targets{wanted_target(false), wanted_target(true)};
const std::array units{wanted_unit(false), wanted_unit(true)};

/// What is asked of a tree.
class Visit {
public:
    explicit Visit(const Input& input)
        : configfs{input.text(), shorthands},
          target{targets[input.chooses(0)]},
          unit{units[input.chooses(1)]} {}

    void look() {
        ask([&] { target::faults(target, configfs); });
        ask([&] { logical_unit::faults(unit, configfs, files); });
        ask([&] { logical_unit::waits_for_device(unit.name, configfs, files); });
        ask([&] { device_users::backstores({{"sda", {8, 0}}}, files, configfs); });
        ask([&] { discovery::faults({"all", Secret{"of them"}}, configfs); });
        ask([&] {
            for (const auto& one : stack::look_at_lio(configfs, files))
                for (const auto& session : one.sessions)
                    require(session.address.find(' ') == std::string::npos,
                            "an address of two words");
        });
    }
    /// As whom, and where, a monitor logs in, and a stop ends connections.
    void reach() {
        ask([&] { login_check::door_of_lio(target.iqn, {}, configfs); });
        ask([&] {
            login_check::door_of_lio(target.iqn, login_check::Unit{unit.lun, unit.serial},
                                     configfs);
        });
        test::Fake_connections connections;
        test::Fake_network network;
        ask([&] { portal_sockets::end_connections(target.iqn, configfs, connections); });
        ask([&] {
            portal_sockets::end_lost(target.portals, configfs, connections, files, bounded,
                                     deadline);
        });
        ask([&] {
            portal_sockets::end_stranded(target.iqn, configfs, connections, network.addresses,
                                         bounded, deadline);
        });
    }
    void start() {
        target::start(target, configfs, bounded, deadline);
        if (target.discovery)
            discovery::start(*target.discovery, target.iqn, configfs, bounded, deadline);
        logical_unit::start(unit, configfs, files, bounded, deadline);
    }
    void reload() {
        logical_unit::set_state(unit, configfs, bounded, deadline);
        logical_unit::reload(unit, configfs, files, bounded, deadline);
        target::reload(target, configfs, bounded, deadline);
    }
    void stop() {
        ask([&] {
            logical_unit::stop(unit.name, logical_unit::place(unit.target, unit.lun), configfs,
                               files, bounded, deadline);
            require(!logical_unit::exists(unit, configfs) || !configfs.has(lio::core),
                    "a unit that was stopped and is there");
        });
        ask([&] { discovery::stop(target.iqn, configfs, bounded, deadline); });
        ask([&] {
            target::stop(target.iqn, configfs, bounded, deadline);
            require(!target::exists(target.iqn, configfs), "a target that was stopped is there");
        });
    }

private:
    Text_configfs configfs;
    const Target& target;
    const Logical_unit& unit;
    Files files{test::source_directory() + "/tests/data/fuzz"};
    test::Inline bounded;
    Deadline deadline = Deadline::in(0ms);
};

}  // namespace

void decode(const Input& input) {
    Visit visit{input};
    switch (input.choice >> 2U) {
        case 0:
            visit.look();
            return visit.reach();
        case 1:
            return visit.start();
        case 2:
            return visit.reload();
        default:
            return visit.stop();
    }
}

}  // namespace san::fuzz
