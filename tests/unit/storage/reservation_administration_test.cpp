// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservation_administration.hpp"

#include <algorithm>
#include <fstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const std::string line =
    "initiator_fabric=iSCSI,initiator_node=iqn.2026-01.org.example:a,initiator_sid=8000000a0000,"
    "sa_res_key=161,res_holder=1,res_type=05,res_scope=00,res_all_tg_pt=0,mapped_lun=1,"
    "target_fabric=iSCSI,target_node=iqn.2026-01.org.example:t,tpgt=1,port_rtpi=1,target_lun=1";
const std::string shown =
    "  iqn.2026-01.org.example:a key 0xa1 isid 8000000a0000, holds the reservation: write "
    "exclusive, registrants only\n";

std::string pair(const std::string& name, const std::string& value) {
    return "  <nvpair id=\"x-" + name + "\" name=\"" + name + "\" value=\"" + value + "\"/>\n";
}

struct Place {
    Place() {
        node.commands.on({"cibadmin", "--query"})
            .prints("<xpath-query>\n" + pair("aptpl-disk1", line) + pair("aptpl_612062", line) +
                    pair("aptpl-bad", "nonsense") + pair("other", "1") + "</xpath-query>\n");
        node.commands.on({"crm_resource"}).exits(105);
        node.commands.on({"crm_resource", "--resource", "p_lun1"}).prints("disk1\n");
        node.commands.on({"crm_attribute"});
        node.configfs.load_core();
    }
    const Deadline soon = Deadline::in(10s);
    test::Node node;
    Reservation_administration administration{node.commands, node.files, node.configfs};
};

}  // namespace

TEST_CASE("kept reservations are listed by serial number") {
    Place place;
    const auto text = place.administration.list({}, place.soon);
    CHECK_THAT(text, ContainsSubstring("serial disk1\n" + shown));
    CHECK_THAT(text, ContainsSubstring("serial a b\n" + shown));
    CHECK_THAT(text, ContainsSubstring("serial bad\n  unusable"));
    CHECK_THAT(text, !ContainsSubstring("other"));
    place.node.commands.on({"cibadmin"}).exits(105);
    CHECK(place.administration.list({}, place.soon).empty());
    place.node.commands.on({"cibadmin"}).exits(102).complains("not connected");
    CHECK_THROWS_WITH(place.administration.list({}, place.soon),
                      ContainsSubstring("not connected"));
}

TEST_CASE("kept reservations are dropped by serial number and by unit") {
    Place place;
    for (const auto* unit : {"disk1", "p_lun1"}) {
        CHECK(place.administration.drop(unit, {}, place.soon) ==
              "Dropped:\nserial disk1\n" + shown);
        CHECK_THAT(place.node.commands.asked.back(), ContainsSubstring("aptpl-disk1 --delete"));
    }
    CHECK_THAT(place.administration.drop("bad", {}, place.soon), ContainsSubstring("unusable"));
    place.administration.drop("a b", {}, place.soon);
    CHECK_THAT(place.node.commands.asked.back(), ContainsSubstring("aptpl_612062 --delete"));
    CHECK_THROWS_WITH(place.administration.drop("p_lun2", {}, place.soon),
                      ContainsSubstring("\"p_lun2\""));
}

TEST_CASE("a unit whose serial number follows from its place is found by its name") {
    Place place;
    const std::string serial = "8709c1ab67316532d355cfa6394e1aea";
    place.node.commands.on({"cibadmin", "--query"})
        .prints("<xpath-query>\n" + pair("aptpl-" + serial, line) + "</xpath-query>\n");
    const auto answer = [&](const std::string& parameter, const std::string& value) {
        place.node.commands
            .on({"crm_resource", "--resource", "p_place", "--get-parameter", parameter})
            .prints(value + "\n");
    };
    answer("identity", "cluster");
    answer("target_iqn", "iqn.2026-01.org.example:disk1");
    answer("lun", "1");
    CHECK(place.administration.drop("p_place", {}, place.soon) ==
          "Dropped:\nserial " + serial + "\n" + shown);
}

TEST_CASE("whoever drops the reservations of a running unit is told what stays") {
    Place place;
    auto& configfs = place.node.configfs;
    configfs.make("target/core/fileio_1");
    configfs.make("target/core/fileio_1/p_lun1");
    configfs.write("target/core/fileio_1/p_lun1/wwn/vpd_unit_serial", "disk1");
    CHECK_THAT(place.administration.drop("disk1", {}, place.soon),
               ContainsSubstring("running here"));
}

TEST_CASE("reservations kept in a directory") {
    Place place;
    const auto directory = place.node.root.path() / "shared";
    CHECK_THROWS_WITH(place.administration.list("/shared", place.soon),
                      ContainsSubstring("no such directory"));
    std::filesystem::create_directory(directory);
    auto block = line;
    std::replace(block.begin(), block.end(), ',', '\n');
    std::ofstream{directory / "aptpl_disk1"} << "torn";
    std::ofstream{directory / "aptpl_disk1.whole"} << "PR_REG_START: 0\n"
                                                   << block << "\nPR_REG_END: 0\n"
                                                   << '\0';
    CHECK(place.administration.list("/shared", place.soon) == "serial disk1\n" + shown);
    place.administration.drop("p_lun1", "/shared", place.soon);
    CHECK(std::filesystem::is_empty(directory));
}
