// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_request.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

const Variables eight{{"DRBD_RESOURCE", "r0"},
                      {"DRBD_MINOR", "0 1"},
                      {"DRBD_PEER", "bob"},
                      {"DRBD_PEERS", "bob carol"}};

cluster::Fence_request parsed(const std::vector<std::string>& arguments,
                              const Variables& environment = eight, bool at_terminal = false) {
    return cluster::parse_request(arguments, environment, at_terminal);
}

std::string problem(const std::vector<std::string>& arguments,
                    const Variables& environment = eight) {
    try {
        parsed(arguments, environment);
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

Variables with(Variables environment, const Variables& more) {
    for (const auto& [name, value] : more) environment[name] = value;
    return environment;
}

}  // namespace

TEST_CASE("fence request: upstream's defaults") {
    const auto request = parsed({});
    CHECK(request.resource == "r0");
    CHECK(request.minors == std::vector<unsigned>{0, 1});
    CHECK(request.peers == std::vector<std::string>{"bob"});
    CHECK_FALSE(request.nine);
    const auto& options = request.options;
    CHECK(options.role == "Master");
    CHECK(options.attribute == "#uname");
    CHECK(options.prefix == "drbd-fence-by-handler");
    CHECK(options.timeout == 90s);
    CHECK(options.leader_timeout == 20s);
    CHECK(options.hickup == 0s);
    CHECK(options.lock_timeout == 120s);
    CHECK(options.facility == "local5");
    CHECK(request.lock_path() == "/var/lock/drbd/fence.r0");
    CHECK(request.ignored.empty());
}

TEST_CASE("fence request: options in each of their forms") {
    const auto request = parsed({"-r", "r1", "--timeout=5", "-d", "7", "--net-hickup", "3", "-i",
                                 "ms", "--quiet", "--flock-required", "--lock-file", "mine"});
    CHECK(request.resource == "r1");
    CHECK(request.options.timeout == 5s);
    CHECK(request.options.leader_timeout == 7s);
    CHECK(request.options.longest() == 7s);
    CHECK(request.options.hickup == 3s);
    CHECK(request.options.clone == "ms");
    CHECK(request.options.quiet);
    CHECK(request.options.lock_required);
    CHECK(request.lock_path() == "/var/lock/drbd/mine");
    CHECK(parsed({"--lock-file=/run/x"}).lock_path() == "/run/x");
    CHECK(parsed({"--lock-file=NONE"}).lock_path().empty());
    CHECK(parsed({"--lock-dir=/run"}).lock_path() == "/run/fence.r0");
}

TEST_CASE("fence request: what the agent's monitor adds comes last") {
    const auto request = parsed(
        {"--flock-timeout", "9"},
        with(eight,
             {{"OCF_RESKEY_unfence_extra_args",
               "--quiet --flock-required --flock-timeout 0 --unfence-only-if-owner-match"}}));
    CHECK(request.options.quiet);
    CHECK(request.options.lock_timeout == 0s);
    CHECK(request.options.only_if_owner);
}

TEST_CASE("fence request: a wrong value is named, with what was expected") {
    CHECK(problem({"--timeout", "soon"}) ==
          "--timeout=\"soon\": expected a number of seconds from 0 to 86400");
    CHECK(problem({"-t"}) == "-t: expected a value after it");
    CHECK(problem({"--role=Leader"}) == "--role=\"Leader\": expected Master or Promoted");
    CHECK(problem({"--id-prefix=a b"}) ==
          "--id-prefix=\"a b\": expected letters, digits, \"_\", \"-\" and \".\"");
    CHECK(problem({}, {{"DRBD_PEER", "bob"}}) ==
          "DRBD_RESOURCE is not set: expected the name of a DRBD resource there or after "
          "--resource");
    CHECK(problem({}, with(eight, {{"DRBD_MINOR", "0 x"}})) ==
          "DRBD_MINOR=\"x\": expected numbers of devices");
    CHECK(problem({}, with(eight, {{"UP_TO_DATE_NODES", "3"}})) ==
          "UP_TO_DATE_NODES=\"3\": expected a mask such as 0x00000003");
    CHECK(problem({}, with(eight, {{"UP_TO_DATE_NODES", "0x3"}, {"DRBD_MY_NODE_ID", "32"}})) ==
          "DRBD_MY_NODE_ID=\"32\": expected a number from 0 to 31");
}

TEST_CASE("fence request: what costs nothing is ignored, and said") {
    CHECK(parsed({"--no-such", "word", "--logfacility=moon", "--lock-dir=here"}).ignored ==
          std::vector<std::string>{"--no-such", "word", "--logfacility=moon", "--lock-dir=here"});
    CHECK(parsed({"--logfacility=daemon"}).options.facility == "daemon");
}

TEST_CASE("fence request: that a peer is outdated is said by a person only") {
    CHECK(parsed({"--unreachable-peer-is-outdated"}, eight, true).options.unreachable_is_outdated);
    const auto handler = parsed({"--unreachable-peer-is-outdated"});
    CHECK_FALSE(handler.options.unreachable_is_outdated);
    CHECK(handler.ignored.size() == 1);
}

TEST_CASE("fence request: DRBD 9 says whose data is good") {
    const auto request = parsed({}, {{"DRBD_RESOURCE", "r0"},
                                     {"UP_TO_DATE_NODES", "0x00000005"},
                                     {"DRBD_MY_NODE_ID", "0"},
                                     {"DRBD_NODE_ID_0", "alice"},
                                     {"DRBD_NODE_ID_2", "carol"},
                                     {"DRBD_NODE_ID_31", "zoe"}});
    REQUIRE(request.nine);
    CHECK(request.nine->has_good_data(0));
    CHECK_FALSE(request.nine->has_good_data(1));
    CHECK(request.nine->has_good_data(2));
    CHECK_FALSE(request.nine->has_good_data(31));
    CHECK(request.hosts ==
          std::map<unsigned, std::string>{{0, "alice"}, {2, "carol"}, {31, "zoe"}});
}

TEST_CASE("fence request: without that, the peer of the connection is meant") {
    const auto request = parsed({}, {{"DRBD_RESOURCE", "r0"},
                                     {"DRBD_PEER_NODE_ID", "2"},
                                     {"DRBD_NODE_ID_0", "alice"},
                                     {"DRBD_NODE_ID_2", "carol"}});
    CHECK(request.peers == std::vector<std::string>{"carol"});
}

TEST_CASE("fence request: help needs nothing else") { CHECK(parsed({"--help"}, {}).options.help); }
