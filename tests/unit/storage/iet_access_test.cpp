// SPDX-License-Identifier: GPL-2.0-or-later
// The files by which ietd decides whom it lets in, and our lines in them.
#include "storage/iet_access.hpp"

#include <fstream>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

using Texts = std::vector<std::string>;

const auto ours = Iscsi_name::parse("iqn.2026-01.org.example:disk1");
const std::string line = "iqn.2026-01.org.example:disk1 ";

struct Place {
    test::Node node;
    void put(const std::string& file, const std::string& text) {
        node.files.replace("/etc/" + file, text);
    }
    std::string read(const std::string& file) { return node.files.find("/etc/" + file).value(); }
    Change set(const Texts& entries) {
        return iet_access::set(ours, entries, node.files, node.bounded, Deadline::in(5s));
    }
    Change remove() { return iet_access::remove(ours, node.files, node.bounded, Deadline::in(5s)); }
    Texts faults(const Texts& entries) { return iet_access::faults(ours, entries, node.files); }
};

Target target_for(const Texts& names, const Texts& networks = {}) {
    Target target{.iqn = ours, .portals = {}};
    for (const auto& name : names) target.initiators.push_back(Iscsi_name::parse(name));
    target.networks = networks;
    return target;
}

}  // namespace

TEST_CASE("IET's list: names are patterns, and networks are as ietd compares them") {
    CHECK(iet_access::entries(target_for({})) == Texts{"ALL"});
    CHECK(iet_access::entries(target_for({"iqn.2026-01.org.example:host"})) ==
          Texts{"iqn\\.2026-01\\.org\\.example:host"});
    CHECK(iet_access::find_name("iqn\\.2026-01\\.org\\.example:host") ==
          "iqn.2026-01.org.example:host");
    CHECK_FALSE(iet_access::find_name("10.0.0.1"));
    CHECK(iet_access::entries(target_for(
              {}, {"10.0.0.7", "10.0.0.7/24", "10.0.0.7/32", "2001:db8::7/64", "2001:db8::7"})) ==
          Texts{"10.0.0.7", "10.0.0.0/24", "10.0.0.7", "[2001:db8::]/64", "[2001:db8::7]"});
    CHECK_THROWS_WITH(iet_access::entries(target_for({}, {"0.0.0.0/0"})),
                      ContainsSubstring("expected a prefix length from 1"));
    CHECK_THROWS_WITH(iet_access::entries(target_for(
                          Texts(80, "iqn.2026-01.org.example:a-name-of-some-length-to-fill-it"))),
                      ContainsSubstring("expected a shorter list"));
}

TEST_CASE("IET's list: one line of ours, before ALL, and all else to the byte as it was") {
    const std::string others =
        "# comment\n\niqn.2026-01.org.example:disk10 10.0.0.1\n  ALL\tALL\nbehind x\nno newline";
    const auto with = iet_access::with(others, ours, {"a", "b"});
    CHECK(with == "# comment\n\niqn.2026-01.org.example:disk10 10.0.0.1\n" + line +
                      "a, b\n  ALL\tALL\nbehind x\nno newline");
    CHECK(iet_access::with(with, ours, {"a", "b"}) == with);
    CHECK(iet_access::without(with, ours) == others);
    CHECK(iet_access::with("x y", ours, {"a"}) == line + "a\nx y");
    // No word for nobody: an initiator could call itself by it.
    CHECK(iet_access::with("", ours, {}) == line + ",\n");
    CHECK(iet_access::decision(line + ",\n", ours) == Texts{});
    // Also those that are spelled in another way, as ietd compares them.
    CHECK(iet_access::without("IQN.2026-01.ORG.example:disk1\tALL\n" + line + "x\n", ours) == "");
    CHECK(iet_access::without("#" + line + "x\n" + ours.to_text() + "\n", ours) ==
          "#" + line + "x\n" + ours.to_text() + "\n");
}

TEST_CASE("IET's list: the first line of the target or of ALL decides") {
    using Found = std::optional<Texts>;
    CHECK(iet_access::decision(line + "a, b\n" + line + "c\n", ours) == Found{{"a", "b"}});
    CHECK(iet_access::decision("ALL x ,\n" + line + "c\n", ours) == Found{{"x"}});
    CHECK(iet_access::decision("#ALL x\n" + line + "\n", ours) == Found{Texts{}});
    // Neither a lone word nor a line without an end is one to ietd.
    CHECK(iet_access::decision("ALL\n" + ours.to_text() + "\nALL ALL", ours) == Found{});
    CHECK(iet_access::decision("", ours) == Found{});
}

TEST_CASE("IET's list: without files everybody is let in, so that others stay let in") {
    Place place;
    CHECK(place.faults({"ALL"}) == Texts{});
    CHECK(place.faults({"a"}) ==
          Texts{"access for a is missing", "ALL is admitted, but in no list"});
    CHECK(place.remove() == Change::none);
    CHECK_FALSE(place.node.files.exists("/etc/iet"));
    CHECK(place.set({"a"}) == Change::made);
    CHECK(place.read("iet/initiators.allow") == line + "a\nALL ALL\n");
    CHECK(place.set({"a"}) == Change::none);
    CHECK(place.faults({"a"}) == Texts{});
    CHECK(place.remove() == Change::made);
    CHECK(place.read("iet/initiators.allow") == "ALL ALL\n");
}

TEST_CASE("IET's list: the older way denies first") {
    Place place;
    place.put("initiators.deny", "ALL 10.9.0.0/16\n");
    CHECK(place.faults({"a"}) ==
          Texts{"access for a is missing", "ALL is admitted, but in no list"});
    CHECK(place.set({"a"}) == Change::made);
    CHECK(place.read("initiators.deny") == line + "ALL\nALL 10.9.0.0/16\n");
    // Others are let in unless they are denied, and would not be denied with a line for ALL here.
    CHECK(place.read("iet/initiators.allow") == line + "a\n");
    CHECK(place.faults({"a"}) == Texts{});
    CHECK(place.remove() == Change::made);
    CHECK(place.read("initiators.deny") == "ALL 10.9.0.0/16\n");
}

TEST_CASE("IET's list: the place of old versions is kept, and that of new ones goes first") {
    Place place;
    place.put("initiators.allow", "ALL ALL\n");
    place.set({"a"});
    CHECK(place.read("initiators.allow") == line + "a\nALL ALL\n");
    CHECK_FALSE(place.node.files.exists("/etc/iet/initiators.allow"));
    place.put("iet/initiators.allow", "");
    CHECK(place.faults({"a"}) == Texts{"access for a is missing"});
    place.set({"a"});
    CHECK(place.read("iet/initiators.allow") == line + "a\n");
}

TEST_CASE("IET's list: addresses that ietd keeps a target from are a fault") {
    Place place;
    place.set({"ALL"});
    place.put("iet/targets.allow", "iqn.other 10.0.0.1\n");
    CHECK(place.faults({"ALL"}) == Texts{"targets.allow lets nobody reach it"});
    place.put("iet/targets.allow", line + "10.0.0.1\n");
    CHECK(place.faults({"ALL"}) == Texts{});
}
