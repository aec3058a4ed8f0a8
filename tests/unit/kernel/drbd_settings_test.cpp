// SPDX-License-Identifier: GPL-2.0-or-later
// How resources were configured when their states were captured.
#include "kernel/drbd_settings.hpp"

#include "kernel/drbd_messages.hpp"
#include "support/catch.hpp"
#include "unit/kernel/capture.hpp"

using namespace san;
using drbd::Dialect;
using drbd::Fencing;

namespace {

std::optional<drbd::Settings> settings_in(Dialect dialect, const std::string& name,
                                          const std::string& resource) {
    const auto capture = test::capture(dialect, name);
    drbd::Settings_dump dump{capture.family(dialect), resource};
    for (const auto* kind : {"GET_RESOURCES", "GET_DEVICES", "GET_CONNECTIONS"}) {
        dump.begin();
        for (const auto& datagram : capture.exchange(kind).received) {
            CHECK_FALSE(dump.complete());
            dump.take(datagram);
        }
        CHECK(dump.complete());
    }
    return dump.settings();
}

}  // namespace

TEST_CASE("DRBD: how a resource is configured, as it was when captured") {
    for (const auto dialect : {Dialect::v84, Dialect::v9}) {
        const bool v9 = dialect == Dialect::v9;
        const auto plain = settings_in(dialect, "s05-sec-sec", "vg1");
        REQUIRE(plain.has_value());
        CHECK(plain->fencing == Fencing::dont_care);
        CHECK_FALSE(plain->quorum);
        CHECK_FALSE(plain->suspends_without_data);
        CHECK(plain->suspends_without_quorum == v9);
        CHECK_FALSE(plain->two_primaries);
        CHECK(plain->backing == std::map<unsigned, std::string>{{0, "/dev/vdb"}});
        CHECK(settings_in(dialect, "s14-peer-outdated", "vg1")->fencing != Fencing::dont_care);
        CHECK(settings_in(dialect, "s17-suspended-fencing", "vg1")->fencing ==
              Fencing::resource_and_stonith);
        CHECK(settings_in(dialect, "s22-suspended-no-data", "vg1")->suspends_without_data);
        CHECK_FALSE(settings_in(dialect, "s05-sec-sec", "other").has_value());
        const auto several = settings_in(dialect, "s24-two-resources", "vg1");
        CHECK(several->backing ==
              std::map<unsigned, std::string>{{0, "/dev/vdb"}, {1, "/dev/loop1"}});
    }
    const auto quorum = settings_in(Dialect::v9, "s35-no-quorum-suspended", "vg1");
    CHECK(quorum->quorum);
    CHECK(quorum->suspends_without_quorum);
    const auto io_error = settings_in(Dialect::v9, "s37-no-quorum-io-error", "vg1");
    CHECK(io_error->quorum);
    CHECK_FALSE(io_error->suspends_without_quorum);
    // Without a disk there is nobody on 8.4 to tell.
    CHECK_FALSE(settings_in(Dialect::v84, "s27-unattached", "old1")->fencing.has_value());
}

TEST_CASE("DRBD: of several policies the weakest counts, and an unknown one is none") {
    std::optional<Fencing> known;
    drbd::weaken(known, 2);
    CHECK(known == Fencing::resource_and_stonith);
    drbd::weaken(known, 1);
    CHECK(known == Fencing::resource_only);
    drbd::weaken(known, 2);
    CHECK(known == Fencing::resource_only);
    drbd::weaken(known, 7);
    CHECK(known == Fencing::dont_care);
}
