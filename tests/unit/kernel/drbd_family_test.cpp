// SPDX-License-Identifier: GPL-2.0-or-later
// Which dialect is spoken with a module: captured answers of 8.4.11 and 9.3.3, and constructed ones
// of the strict form of 8.4 and of drbd2 (reference: Documentation/netlink/specs/drbd.yaml).
#include "kernel/drbd_family.hpp"

#include <linux/genetlink.h>

#include "base/error.hpp"
#include "support/catch.hpp"
#include "unit/kernel/capture.hpp"

using namespace san;
using drbd::Dialect;

namespace {

/// The controller's answer about a family.
drbd::Datagram answer(const char* name, std::uint32_t version, std::uint32_t header_size,
                      std::uint32_t most_attributes) {
    drbd::Writer writer{GENL_ID_CTRL, 0};
    writer.header(genlmsghdr{.cmd = CTRL_CMD_NEWFAMILY, .version = 2, .reserved = 0});
    constexpr std::uint16_t id = 0x2a;
    writer.string(CTRL_ATTR_FAMILY_NAME, name)
        .attribute(CTRL_ATTR_FAMILY_ID, &id, sizeof id)
        .u32(CTRL_ATTR_VERSION, version)
        .u32(CTRL_ATTR_HDRSIZE, header_size)
        .u32(CTRL_ATTR_MAXATTR, most_attributes)
        .nest(CTRL_ATTR_MCAST_GROUPS, [](drbd::Writer& groups) {
            groups.nest(1, [](drbd::Writer& group) {
                group.u32(CTRL_ATTR_MCAST_GRP_ID, 7).string(CTRL_ATTR_MCAST_GRP_NAME, "events");
            });
        });
    return writer.bytes();
}

}  // namespace

TEST_CASE("DRBD: the family is found with its version and events, or not at all") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const auto absent = test::capture(dialect, "s01-not-loaded").exchange("GETFAMILY");
        for (const auto& datagram : absent.received)
            CHECK_FALSE(drbd::family_in(datagram).has_value());
        const auto loaded = test::capture(dialect, "s02-unconfigured");
        const auto family = drbd::family_in(loaded.exchange("GETFAMILY").received.at(0));
        REQUIRE(family.has_value());
        CHECK(family->id == loaded.family(dialect).id);
        CHECK(family->dialect() == dialect);
        CHECK(family->events_group > 0);
    }
}

TEST_CASE("DRBD 8.4: the strict form is known by operations that have their own policies") {
    const auto strict = drbd::family_in(answer("drbd", 1, 8, 0));
    REQUIRE(strict.has_value());
    CHECK(strict->dialect() == Dialect::strict_v84);
    CHECK(strict->id == 0x2a);
    CHECK(strict->events_group == 7);
    CHECK(drbd::family_in(answer("drbd", 1, 8, 24))->dialect() == Dialect::v84);
    // 9's number says enough.
    CHECK(drbd::family_in(answer("drbd", 2, 8, 0))->dialect() == Dialect::v9);
}

TEST_CASE("DRBD: a module that cannot be spoken to is not one that is not loaded") {
    for (const auto& unknown :
         {answer("drbd2", 1, 0, 0), answer("drbd", 3, 8, 40), answer("drbd", 1, 12, 24)}) {
        try {
            drbd::family_in(unknown);
            FAIL("it was taken");
        } catch (const Error& failure) {
            CHECK(failure.kind() == Kind::not_installed);
        }
    }
    CHECK_THROWS_WITH(drbd::family_in(answer("drbd2", 1, 0, 0)),
                      ContainsSubstring("\"drbd2\", which is not supported yet"));
    // It is asked for last, since a module may offer both.
    CHECK(std::string{drbd::family_names[0]} == "drbd");
    CHECK(std::string{drbd::family_names[1]} == "drbd2");
}
