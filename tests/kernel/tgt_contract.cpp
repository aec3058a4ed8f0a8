// SPDX-License-Identifier: GPL-2.0-or-later
// What tgtd does with targets and units, the fake as the real one; and what initiators meet.
#include "kernel/initiator.hpp"
#include "kernel/tgt_bench.hpp"
#include "kernel/tgt_requests.hpp"
#include "storage/tgt_conversation.hpp"
#include "storage/tgt_target.hpp"
#include "storage/tgt_unit.hpp"

using namespace san;
using namespace std::chrono_literals;
using namespace test::tgt_bench;

namespace {

const auto name = Iscsi_name::parse("iqn.2026-01.org.example:disk1");
const auto other = Iscsi_name::parse("iqn.2026-01.org.example:disk2");
const auto host = "iqn.2026-01.org.example:host";
const auto stranger = "iqn.2026-01.org.example:stranger";

using Texts = std::vector<std::string>;

Deadline soon() { return Deadline::in(10s); }

Target plain() { return {.iqn = name, .portals = {Portal::parse("0.0.0.0")}}; }
Target guarded() {
    auto wanted = plain();
    wanted.initiators = {Iscsi_name::parse(host)};
    wanted.credentials = Chap_credentials{{"client", Secret{"s3cretpassw0rd"}},
                                          Chap_account{"server", Secret{"an0thersecret"}}};
    wanted.parameters = {{"MaxQueueCmd", "64"}, {"HeaderDigest", "None,CRC32C"}};
    wanted.portals.push_back(Portal::parse("127.0.0.1:3261"));
    return wanted;
}
Logical_unit unit(const Bench& bench) {
    return {.name = "p_test",
            .target = name,
            .lun = Lun_number::parse("1"),
            .path = Backing_path::parse(bench.disk()),
            .serial = Scsi_serial::parse("0123abcd"),
            .vendor = Scsi_vendor::parse("EXAMPLE"),
            .tgt = {.scsi_id = "p_test"}};
}
Unit_place place(const Bench& bench) {
    const auto wanted = unit(bench);
    return {.name = wanted.name,
            .target = wanted.target,
            .lun = wanted.lun,
            .path = wanted.path,
            .serial = wanted.serial};
}

std::vector<tgt::Target> targets(Bench& bench) {
    return Tgt_conversation{bench.daemon(), soon(), "test"}.targets();
}

/// Passes requests on until one is that a process which was killed has not sent.
class Cut_off final : public tgt::Daemon {
public:
    struct Killed {};
    Cut_off(tgt::Daemon& daemon, int changes) : daemon_{daemon}, left_{changes} {}
    std::optional<tgt::Answer> ask(const tgt::Request& request, const Deadline& deadline) override {
        if (request.op != tgt::Op::show && --left_ < 0) throw Killed{};
        return daemon_.ask(request, deadline);
    }

private:
    tgt::Daemon& daemon_;
    int left_;
};

/// What an initiator of that name hears; "" when it is let in.
std::string refusal(const std::string& initiator, const std::string& user = {},
                    const std::string& password = {}, std::uint16_t port = 3260) {
    static const auto program = make_initiator();
    Login login{.ip = Ip::parse("127.0.0.1"),
                .port = port,
                .target = name.to_text(),
                .initiator = initiator};
    if (!user.empty()) login.incoming = Login::Credentials{user, Secret{password}};
    try {
        program->ask(login, soon());
        return {};
    } catch (const Error& refused) {
        return refused.what();
    }
}

}  // namespace

TEST_CASE("tgtd: a target with all it can have, and nothing is left of it") {
    with_each_bench([](Bench& bench) {
        auto& daemon = bench.daemon();
        const auto wanted = guarded();
        CHECK_FALSE(tgt_target::exists(name, daemon, soon()));
        CHECK(tgt_target::start(wanted, daemon, soon()) == Change::made);
        CHECK(tgt_target::faults(wanted, daemon, soon()) == Texts{});
        const auto found = targets(bench).at(0);
        CHECK(found.number == tgt_target::default_number(name));
        CHECK(found.state == "ready");
        CHECK(found.users == Texts{"client"});
        CHECK(found.own_user == "server");
        CHECK(found.list == Texts{host});
        CHECK(tgt_target::faults(plain(), daemon, soon()).size() == 4);
        CHECK(tgt_target::stop({.iqn = name, .portals = wanted.portals}, daemon, soon()) ==
              Change::made);
        CHECK(targets(bench).empty());
        const Tgt_conversation talk{daemon, soon(), "test"};
        CHECK(tgt::parse_accounts(*talk.find(tgt::show_accounts())).empty());
        CHECK(tgt::parse_portals(*talk.find(tgt::show_portals())) ==
              Texts{"[::]:3260", "0.0.0.0:3260"});
    });
}

TEST_CASE("tgtd: one account of discovery, until the last target goes") {
    with_each_bench([](Bench& bench) {
        auto wanted = plain();
        wanted.discovery = Chap_account{"seeker", Secret{"s3cretpassw0rd"}};
        tgt_target::start(wanted, bench.daemon(), soon());
        CHECK(tgt_target::faults(wanted, bench.daemon(), soon()) == Texts{});
        tgt_target::stop({.iqn = name, .discovery_user = "seeker"}, bench.daemon(), soon());
        const Tgt_conversation talk{bench.daemon(), soon(), "test"};
        CHECK(tgt::parse_accounts(*talk.find(tgt::show_accounts())).empty());
        CHECK(tgt::parse_discovery_users(*talk.find(tgt::show_system())).empty());
    });
}

TEST_CASE("tgtd: a unit with its identity, beside another's that stays") {
    with_each_bench([](Bench& bench) {
        auto& daemon = bench.daemon();
        tgt_target::start(plain(), daemon, soon());
        const auto wanted = unit(bench);
        const auto number = targets(bench).at(0).number;
        const Tgt_conversation talk{daemon, soon(), "test"};
        talk.change(tgt::make_unit(number, 2, {{"path", bench.disk("theirs")}}), "another's");

        CHECK(tgt_unit::start(wanted, daemon, Files{}, soon()) == Change::made);
        CHECK(tgt_unit::faults(wanted, daemon, soon()) == Texts{});
        CHECK(tgt_unit::start(wanted, daemon, Files{}, soon()) == Change::none);
        auto second = wanted;
        second.lun = Lun_number::parse("2");
        CHECK_THROWS_WITH(tgt_unit::start(second, daemon, Files{}, soon()),
                          ContainsSubstring("is another unit"));
        talk.change(tgt::set_unit(number, 1, {{"online", "0"}}), "offline");
        CHECK(tgt_unit::faults(wanted, daemon, soon()) == Texts{"it is offline"});
        CHECK(tgt_unit::start(wanted, daemon, Files{}, soon()) == Change::none);
        CHECK(tgt_unit::faults(wanted, daemon, soon()) == Texts{});
        // A driver of another kind takes a unit made anew.
        auto remade = wanted;
        remade.tgt.flags = "sync";
        remade.block_size = Block_size::parse("4096");
        CHECK(tgt_unit::faults(remade, daemon, soon()).size() == 2);
        CHECK(tgt_unit::start(remade, daemon, Files{}, soon()) == Change::made);
        CHECK(tgt_unit::faults(remade, daemon, soon()) == Texts{});

        CHECK(tgt_unit::stop(place(bench), daemon, soon()) == Change::made);
        CHECK(tgt_unit::stop(place(bench), daemon, soon()) == Change::none);
        CHECK(targets(bench).at(0).units.size() == 2);
        CHECK(targets(bench).at(0).units.at(1).number == 2);
    });
}

TEST_CASE("tgtd: what cannot be leaves nothing half made") {
    with_each_bench([](Bench& bench) {
        auto& daemon = bench.daemon();
        tgt_target::start(plain(), daemon, soon());
        auto wanted = unit(bench);
        wanted.attributes = {Device_attribute::parse("colour=blue")};
        CHECK_THROWS_WITH(tgt_unit::start(wanted, daemon, Files{}, soon()),
                          ContainsSubstring("additional_parameters=\"colour=blue\""));
        wanted = unit(bench);
        wanted.path = Backing_path::parse(bench.disk("missing"));
        CHECK_THROWS_WITH(tgt_unit::start(wanted, daemon, Files{}, soon()),
                          ContainsSubstring("expected a block device or file"));
        wanted = unit(bench);
        wanted.tgt.driver = "fileio";
        CHECK_THROWS_WITH(tgt_unit::start(wanted, daemon, Files{}, soon()),
                          ContainsSubstring("that tgtd can open with tgt_bstype=\"fileio\""));
        CHECK(targets(bench).at(0).units.size() == 1);

        auto second = plain();
        second.iqn = other;
        second.number = targets(bench).at(0).number;
        CHECK_THROWS_WITH(tgt_target::start(second, daemon, soon()), ContainsSubstring("tid="));
        second.number.reset();
        second.portals = {Portal::parse("192.0.2.44:3299")};
        CHECK_THROWS_WITH(tgt_target::start(second, daemon, soon()),
                          ContainsSubstring("portal 192.0.2.44:3299: expected an address"));
        second.portals = plain().portals;
        second.parameters = {{"InitialR2T", "maybe"}};
        CHECK_THROWS_WITH(tgt_target::start(second, daemon, soon()),
                          ContainsSubstring("additional_parameters=\"InitialR2T=maybe\""));
        const Tgt_conversation talk{daemon, soon(), "test"};
        CHECK_FALSE(talk.target(other.to_text()));
    });
}

TEST_CASE("tgtd: killed before any change, start finishes and stop removes") {
    with_each_bench([](Bench& bench) {
        auto& daemon = bench.daemon();
        const auto wanted = guarded();
        const Target_place here{.iqn = name, .portals = wanted.portals};
        for (const bool by_start : {true, false})
            for (const bool then_start : {true, false})
                for (int changes = 0;; ++changes) {
                    INFO((by_start ? "start" : "stop") << " killed after " << changes);
                    if (!by_start) {
                        tgt_target::start(wanted, daemon, soon());
                        tgt_unit::start(unit(bench), daemon, Files{}, soon());
                    }
                    Cut_off cut{daemon, changes};
                    bool through = true;
                    try {
                        if (by_start) {
                            tgt_target::start(wanted, cut, soon());
                            tgt_unit::start(unit(bench), cut, Files{}, soon());
                        } else {
                            tgt_unit::stop(place(bench), cut, soon());
                            tgt_target::stop(here, cut, soon());
                        }
                    } catch (const Cut_off::Killed&) {
                        through = false;
                    }
                    if (then_start) {
                        tgt_target::start(wanted, daemon, soon());
                        CHECK(tgt_target::faults(wanted, daemon, soon()) == Texts{});
                        tgt_unit::start(unit(bench), daemon, Files{}, soon());
                        CHECK(tgt_unit::faults(unit(bench), daemon, soon()) == Texts{});
                    }
                    tgt_unit::stop(place(bench), daemon, soon());
                    tgt_target::stop(here, daemon, soon());
                    CHECK(targets(bench).empty());
                    if (through) break;
                }
    });
}

TEST_CASE("tgtd: dead it has nothing, and standing still it holds nobody beyond the deadline") {
    with_each_bench([](Bench& bench) {
        auto& daemon = bench.daemon();
        tgt_target::start(plain(), daemon, soon());
        tgt_unit::start(unit(bench), daemon, Files{}, soon());
        bench.stop();
        const auto before = Deadline::Clock::now();
        CHECK_THROWS_WITH(tgt_target::stop({.iqn = name}, daemon, Deadline::in(300ms)),
                          ContainsSubstring("tgtd does not answer"));
        CHECK_THROWS_WITH(tgt_unit::faults(unit(bench), daemon, Deadline::in(300ms)),
                          ContainsSubstring("tgtd does not answer"));
        CHECK(Deadline::Clock::now() - before < 5s);
        bench.start();
        CHECK(tgt_target::exists(name, daemon, soon()));
        bench.kill();
        CHECK_FALSE(tgt_target::exists(name, daemon, soon()));
        CHECK_FALSE(tgt_unit::exists(place(bench), daemon, soon()));
        CHECK(tgt_unit::stop(place(bench), daemon, soon()) == Change::none);
        CHECK(tgt_target::stop({.iqn = name}, daemon, soon()) == Change::none);
        CHECK_THROWS_WITH(tgt_target::start(plain(), daemon, soon()),
                          ContainsSubstring("tgtd is not running"));
        bench.start();
        CHECK(tgt_target::start(plain(), daemon, soon()) == Change::made);
    });
}

TEST_CASE("tgtd: initiators are let in as lists and accounts say, and know the unit") {
    Real_bench bench;
    auto& daemon = bench.daemon();
    auto wanted = plain();
    tgt_target::start(wanted, daemon, soon());
    tgt_unit::start(unit(bench), daemon, Files{}, soon());
    CHECK(refusal(stranger) == "");
    Login login{.ip = Ip::parse("127.0.0.1"),
                .port = 3260,
                .target = name.to_text(),
                .initiator = host,
                .lun = 1};
    const auto serial = make_initiator()->ask(login, soon());
    CHECK(text::trimmed(serial.value_or("")) == "0123abcd");

    wanted = guarded();
    tgt_target::reload(wanted, daemon, soon());
    CHECK(refusal(stranger, "client", "s3cretpassw0rd") != "");
    CHECK(refusal(host) != "");
    CHECK(refusal(host, "client", "wrongpassw0rd") != "");
    CHECK(refusal(host, "client", "s3cretpassw0rd") == "");
    CHECK(refusal(host, "client", "s3cretpassw0rd", 3261) == "");
    wanted.credentials->initiator.password = Secret{"changedpassw0rd"};
    tgt_target::reload(wanted, daemon, soon());
    CHECK(refusal(host, "client", "s3cretpassw0rd") != "");
    CHECK(refusal(host, "client", "changedpassw0rd") == "");
    wanted.credentials.reset();
    tgt_target::reload(wanted, daemon, soon());
    CHECK(refusal(host) == "");
    CHECK(refusal(stranger) != "");
    tgt_target::stop({.iqn = name}, daemon, soon());
    CHECK(refusal(host) != "");
}
