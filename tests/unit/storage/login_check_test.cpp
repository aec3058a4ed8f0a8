// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/login_check.hpp"

#include <fstream>

#include "storage/logical_unit.hpp"
#include "storage/target.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const auto iqn = Iscsi_name::parse("iqn.2026-01.org.example:disk1");
const auto joe = Iscsi_name::parse("iqn.2026-01.org.example:joe");
const auto sue = Iscsi_name::parse("iqn.2026-01.org.example:sue");

Deadline soon() { return Deadline::in(10s); }

/// A node with a target, and a unit that only the second of two initiators sees if there is a list.
class Bench {
public:
    explicit Bench(std::vector<std::string> portals, std::vector<Iscsi_name> initiators = {}) {
        node.configfs.load_core();
        node.configfs.load_iscsi();
        node.configfs.make(lio::fabric);
        std::ofstream{node.root.path() / "disk"} << std::string(4096, '\0');
        Target target{.iqn = iqn, .portals = {}, .initiators = initiators};
        for (const auto& portal : portals) target.portals.push_back(Portal::parse(portal));
        target.credentials = Chap_credentials{"user", Secret{"password1234"}};
        target::start(target, node.configfs, node.bounded, soon());
        Logical_unit wanted{.name = "p_lu",
                            .target = iqn,
                            .lun = Lun_number::parse("3"),
                            .path = Backing_path::parse("/disk"),
                            .serial = Scsi_serial::parse("0123abcd")};
        if (!initiators.empty()) wanted.initiators = {initiators.back()};
        logical_unit::start(wanted, node.configfs, node.files, node.bounded, soon());
    }
    void add_address(const std::string& ip) {
        node.network.links.all = {{.index = {1}, .name = "lo", .up = true, .loopback = true}};
        node.network.addresses.add({.ip = Ip::parse(ip), .prefix = 32, .link = {1}});
    }
    void check(const std::optional<login_check::Unit>& unit) {
        login_check::check([&] { return login_check::door_of_lio(iqn, unit, node.configfs); }, unit,
                           node.system, soon());
    }
    void check_target() { check({}); }
    void check_unit(const std::string& serial = "0123abcd") {
        check(login_check::Unit{Lun_number::parse("3"), Scsi_serial::parse(serial)});
    }
    std::vector<std::string> asked() const {
        std::vector<std::string> places;
        for (const auto& login : node.initiator.logins)
            places.push_back(Portal::at(login.ip, login.port).to_text());
        return places;
    }
    test::Node node;
};

}  // namespace

TEST_CASE("login check: the target at each portal, a unit at one, a wildcard at the loopback") {
    Bench bench{{"0.0.0.0:3260", "[::]:3261"}};
    bench.check_target();
    CHECK(bench.asked() == std::vector<std::string>{"127.0.0.1:3260", "[::1]:3261"});
    bench.node.initiator.logins.clear();
    bench.check_unit();
    CHECK(bench.asked() == std::vector<std::string>{"127.0.0.1:3260"});
    CHECK(bench.node.initiator.logins.front().lun == 3U);
}

TEST_CASE("login check: an address that another node may have is not asked") {
    Bench bench{{"10.0.0.7:3260", "10.0.0.8:3260"}};
    bench.check_target();
    CHECK(bench.asked().empty());
    bench.add_address("10.0.0.8");
    bench.check_target();
    CHECK(bench.asked() == std::vector<std::string>{"10.0.0.8:3260"});
}

TEST_CASE("login check: where everybody is admitted, under a name of its own") {
    Bench bench{{"0.0.0.0"}};
    bench.check_target();
    const auto& login = bench.node.initiator.logins.front();
    CHECK(login.initiator == login_check::own_name);
    REQUIRE(login.incoming);
    CHECK(login.incoming->user == "user");
    CHECK(login.incoming->password.reveal() == "password1234");
    CHECK_FALSE(login.outgoing);
}

TEST_CASE("login check: where a list is, as somebody on it who sees the unit") {
    Bench bench{{"0.0.0.0"}, {joe, sue}};
    bench.check_target();
    bench.check_unit();
    const auto& logins = bench.node.initiator.logins;
    CHECK(logins[0].initiator == joe.to_text());
    CHECK(logins[1].initiator == sue.to_text());
    REQUIRE(logins[1].incoming);
    CHECK(logins[1].incoming->user == "user");
}

TEST_CASE("login check: a target that admits nobody yet is asked nothing") {
    Bench bench{{"0.0.0.0"}};
    bench.node.configfs.write(lio::group_directory(iqn) / "attrib/generate_node_acls", "0");
    bench.check_target();
    bench.check_unit();
    CHECK(bench.asked().empty());
}

TEST_CASE("login check: a refused login is a failure, a closed port is not") {
    Bench bench{{"0.0.0.0"}};
    bench.node.initiator.refusal = "authorization failure";
    CHECK_THROWS_WITH(bench.check_target(), ContainsSubstring("authorization failure"));
    CHECK_THROWS_WITH(bench.check_unit(), ContainsSubstring("portal 0.0.0.0:3260"));
    bench.node.initiator.closed = {"127.0.0.1:3260"};
    bench.check_target();
    bench.check_unit();
}

TEST_CASE("login check: another serial number is another unit") {
    Bench bench{{"0.0.0.0"}};
    CHECK_THROWS_WITH(bench.check_unit("ffff"), ContainsSubstring("LUN 3 has the serial number "
                                                                  "\"0123abcd\" instead of "
                                                                  "\"ffff\""));
}
