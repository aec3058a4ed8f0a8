// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservations.hpp"

#include "base/error.hpp"
#include "storage/reservation_store.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

// As Linux 6.1 writes it.
const std::string holder_lines =
    "initiator_fabric=iSCSI\n"
    "initiator_node=iqn.2026-01.org.example:a\n"
    "initiator_sid=8000000a0000\n"
    "sa_res_key=161\n"
    "res_holder=1\n"
    "res_type=05\n"
    "res_scope=00\n"
    "res_all_tg_pt=0\n"
    "mapped_lun=1\n"
    "target_fabric=iSCSI\n"
    "target_node=iqn.2026-01.org.example:t\n"
    "tpgt=1\n"
    "port_rtpi=1\n"
    "target_lun=1\n";
const std::string other_lines =
    "initiator_fabric=iSCSI\n"
    "initiator_node=iqn.2026-01.org.example:b\n"
    "initiator_sid=8000000b0000\n"
    "sa_res_key=18446744073709551615\n"
    "res_holder=0\n"
    "res_all_tg_pt=0\n"
    "mapped_lun=1\n"
    "target_fabric=iSCSI\n"
    "target_node=iqn.2026-01.org.example:t\n"
    "tpgt=1\n"
    "port_rtpi=1\n"
    "target_lun=1\n";

std::string file(std::string content) {
    content.push_back('\0');
    return content;
}
const auto two = file("PR_REG_START: 0\n" + holder_lines + "PR_REG_END: 0\nPR_REG_START: 1\n" +
                      other_lines + "PR_REG_END: 1\n");

std::string line_with(const std::string& key, const std::string& value) {
    auto line = Registrations::find_in_file(two)->to_line();
    const auto at = line.find(key + "=");
    const auto end = line.find_first_of(",;", at);
    return line.replace(at, end - at, value.empty() ? "" : key + "=" + value);
}

const auto plain = Scsi_serial::parse("sanlab01");

}  // namespace

TEST_CASE("registrations: from the kernel's file to one line and back") {
    const auto found = Registrations::find_in_file(two).value();
    REQUIRE(found.size() == 2);
    CHECK(found.begin()->initiator() == "iqn.2026-01.org.example:a");
    CHECK(found.begin()->target() == "iqn.2026-01.org.example:t");
    CHECK(found.begin()->is_holder());
    CHECK_FALSE((found.begin() + 1)->is_holder());
    const auto line = found.to_line();
    CHECK(line.find_first_of("\n \"'<>&") == std::string::npos);
    CHECK(Registrations::parse_line(line) == found);
    CHECK(found.begin()->to_text() == line.substr(0, line.find(';')));
}

TEST_CASE("registrations: none is whole, a torn file is not") {
    const auto none = Registrations::find_in_file(file("No Registrations or Reservations\n"));
    REQUIRE(none);
    CHECK(none->empty());
    CHECK(none->to_line().empty());
    CHECK(Registrations::parse_line("").empty());
    for (std::size_t length = 0; length < two.size(); ++length)
        CHECK_FALSE(Registrations::find_in_file(std::string_view{two}.substr(0, length)));
}

TEST_CASE("registrations: nothing but what the kernel writes is taken") {
    CHECK_NOTHROW(Registrations::parse_line(line_with("initiator_sid", "8000000A0000")));
    for (const auto& [key, value] :
         std::vector<std::pair<std::string, std::string>>{{"initiator_fabric", "loopback"},
                                                          {"initiator_node", "a b"},
                                                          {"initiator_node", std::string(224, 'a')},
                                                          {"initiator_node", "../../etc"},
                                                          {"initiator_node", "a\nsa_res_key"},
                                                          {"initiator_sid", "80000000000000000"},
                                                          {"initiator_sid", "joe"},
                                                          {"sa_res_key", "0"},
                                                          {"sa_res_key", "18446744073709551616"},
                                                          {"sa_res_key", "-1"},
                                                          {"res_holder", "2"},
                                                          {"res_type", "02"},
                                                          {"res_type", "5"},
                                                          {"res_scope", "01"},
                                                          {"res_all_tg_pt", "yes"},
                                                          {"mapped_lun", "x"},
                                                          {"tpgt", "65536"},
                                                          {"port_rtpi", ""},
                                                          {"target_lun", "1 "},
                                                          {"target_node", "t=1"}}) {
        INFO(key << "=" << value);
        CHECK_THROWS_AS(Registrations::parse_line(line_with(key, value)), Error);
    }
    for (const auto* needed : {"initiator_node", "sa_res_key", "mapped_lun", "target_node"})
        CHECK_THROWS_AS(Registrations::parse_line(line_with(needed, "")), Error);
    const auto line = Registrations::find_in_file(two)->to_line();
    const auto first = line.substr(0, line.find(';'));
    for (const auto& bad : {first + ",tpgt=1", first + ",no_such_key=1", first + ";" + first,
                            first + ",word", std::string{"x"}, std::string{";"}})
        CHECK_THROWS_AS(Registrations::parse_line(bad), Error);
    for (const auto* bad : {"PR_REG_START: 0\n", "sa_res_key=1\n", "PR_REG_END: 0\n", "x\n"})
        CHECK_THROWS_AS(Registrations::find_in_file(file(bad)), Error);
}

TEST_CASE("the cluster's copy: one property for each serial number") {
    CHECK(Reservation_store::property(plain) == "aptpl-sanlab01");
    CHECK(Reservation_store::property(Scsi_serial::parse("a b")) == "aptpl_612062");
    CHECK(Reservation_store::property(Scsi_serial::parse("612062")) != "aptpl_612062");
}

TEST_CASE("the cluster's copy: absent, there, without a cluster, and a cluster that is silent") {
    test::Fake_commands commands;
    const Reservation_store store{commands};
    const auto soon = Deadline::in(10s);
    auto& query = commands.on({"crm_attribute", "--type", "crm_config", "--set-name",
                               "san-reservations", "--name", "aptpl-sanlab01", "--query"});
    query.exits(105);
    CHECK(store.find(plain, soon).clustered);
    CHECK(store.find(plain, soon).line.empty());
    query.exits(0).prints("a=b\n");
    CHECK(store.find(plain, soon).line == "a=b");
    query.exits(102);
    CHECK_FALSE(store.find(plain, soon).clustered);
    query.exits(124).complains("Timeout");
    CHECK_THROWS_WITH(store.find(plain, soon), ContainsSubstring("Timeout"));
    commands.uninstall("crm_attribute");
    CHECK_FALSE(store.find(plain, soon).clustered);
}
