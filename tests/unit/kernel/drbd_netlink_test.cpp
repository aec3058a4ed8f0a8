// SPDX-License-Identifier: GPL-2.0-or-later
// Whole conversations with DRBD's module, which captures of real ones play.
#include <array>

#include "base/error.hpp"
#include "kernel/drbd_channel.hpp"
#include "support/catch.hpp"
#include "support/played_drbd.hpp"
#include "unit/kernel/drbd_told.hpp"

using namespace san;
using namespace std::chrono_literals;
using drbd::Dialect;

namespace {

constexpr std::array dialects{Dialect::v84, Dialect::v9};

drbd::Resource found(drbd::Kernel& kernel, const std::string& name) {
    const auto resource = kernel.find(name);
    REQUIRE(resource.has_value());
    return *resource;
}

}  // namespace

TEST_CASE("DRBD: without the module there is no resource, and nothing can be asked") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s01-not-loaded"};
        const auto kernel = drbd::make_kernel(module.channels());
        CHECK_FALSE(kernel->loaded());
        CHECK_FALSE(kernel->find("vg1").has_value());
        CHECK_FALSE(kernel->settings("vg1").has_value());
        CHECK_THROWS_AS(kernel->watch(), Error);
        CHECK_THROWS_AS(kernel->listen(), Error);
        CHECK_THROWS_AS(kernel->down("vg1"), Error);
    }
}

TEST_CASE("DRBD: a resource is found with one question, and how it is configured with three") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s14-peer-outdated"};
        const auto kernel = drbd::make_kernel(module.channels());
        CHECK(kernel->loaded());
        module.asked.clear();
        module.opened = 0;
        CHECK(found(*kernel, "vg1").role == drbd::Role::primary);
        CHECK(module.asked == std::map<int, int>{{-1, 1}, {drbd::get_initial_state, 1}});
        CHECK(module.opened == 1);
        CHECK_FALSE(kernel->find("vg2").has_value());
        CHECK(kernel->settings("vg1")->fencing > drbd::Fencing::dont_care);
        CHECK_FALSE(kernel->settings("vg2").has_value());
    }
}

TEST_CASE("DRBD 8.4: the volumes' roles are asked for only where the resource leaves them open") {
    test::Played_module module{Dialect::v84, "s24-two-resources"};
    module.play("d07-get-status-minor");  // a Secondary
    const auto kernel = drbd::make_kernel(module.channels());
    CHECK(found(*kernel, "data-6.img_2").volumes.at(0).role == drbd::Role::primary);
    CHECK(module.asked[drbd::get_status] == 0);
    const auto several = found(*kernel, "vg1");
    CHECK(module.asked[drbd::get_status] == 2);
    CHECK(several.role == drbd::Role::primary);
    for (const auto& volume : several.volumes) CHECK(volume.role == drbd::Role::secondary);
}

TEST_CASE("DRBD: changes of state are answered in the kernel's words") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s06-pri-sec"};
        const auto kernel = drbd::make_kernel(module.channels());
        const auto resource = found(*kernel, "vg1");
        module.play("r07-primary-again");
        CHECK(kernel->promote(resource).code == drbd::nothing_to_do);
        module.play("r08-secondary-open");
        const auto refused = kernel->demote(resource);
        CHECK(refused.code == -12);
        CHECK((refused.text.find("opened by") != std::string::npos) == (dialect == Dialect::v9));
        module.play("r09-down-open");
        CHECK(kernel->down("vg1").text.find("failed to demote") == 0);
        module.play("r44-disconnect-ok");
        CHECK(kernel->disconnect(resource, resource.peers.at(0), true).code == 101);
    }
    test::Played_module v9{Dialect::v9, "s06-pri-sec"};
    v9.play("r54-secondary-force");
    const auto kernel = drbd::make_kernel(v9.channels());
    CHECK(kernel->demote_by_force(found(*kernel, "vg1")).ok());
    test::Played_module v84{Dialect::v84, "s06-pri-sec"};
    v84.play("r22-disconnect-again");
    const auto old = drbd::make_kernel(v84.channels());
    const auto resource = found(*old, "vg1");
    CHECK_THROWS_AS(old->demote_by_force(resource), Error);
    // The connection ended meanwhile.
    CHECK(old->disconnect(resource, resource.peers.at(0), false).code == drbd::nothing_to_do);
}

TEST_CASE("DRBD: data is outdated only while no peer is connected, as it is at that moment") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s07-peer-lost"};
        module.play("r23-outdate-ok");
        const auto kernel = drbd::make_kernel(module.channels());
        const auto alone = found(*kernel, "vg1");
        CHECK(kernel->outdate(alone).ok());
        CHECK(module.asked[drbd::outdate] == 1);
        // The caller still believes that it is alone.
        module.play("s05-sec-sec");
        CHECK_THROWS_AS(kernel->outdate(alone), Error);
        CHECK(module.asked[drbd::outdate] == 1);
        module.play("s02-unconfigured");
        CHECK_FALSE(kernel->outdate(alone).ok());
    }
}

TEST_CASE("DRBD: a listener follows the events") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s06-pri-sec"};
        const auto listener = drbd::make_listener(module.channels());
        CHECK(test::told(listener->resources(), dialect) ==
              test::told(test::capture(dialect, "s06-pri-sec")));
        CHECK_FALSE(listener->wait(Deadline::in(0s)));
        module.happen("e13-fence-suspend", 10000);
        CHECK(listener->wait(Deadline::in(0s)));
        CHECK(test::told(listener->resources(), dialect) ==
              test::told(test::capture(dialect, "s14-peer-outdated")));
        const auto calls = listener->helper_calls();
        CHECK(std::any_of(calls.begin(), calls.end(), [](const auto& call) {
            return call.name == "fence-peer" && call.exit_code == 5;
        }));
        CHECK(listener->helper_calls().empty());
        CHECK(module.asked[drbd::get_initial_state] == 1);
    }
}

TEST_CASE("DRBD: after lost events a listener reads the state anew, on a fresh socket") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s06-pri-sec"};
        const auto listener = drbd::make_listener(module.channels());
        module.happen("e17-promote-refused", 10000);
        module.happen(std::nullopt);
        // What is left in the old socket is from before, and must not count.
        module.happen("e09-detach", 20000);
        module.play("s07-peer-lost");
        CHECK(listener->wait(Deadline::in(0s)));
        CHECK(test::told(listener->resources(), dialect) ==
              test::told(test::capture(dialect, "s07-peer-lost")));
        CHECK(module.opened == 2);
        // The calls that came before the loss are not forgotten.
        CHECK(listener->helper_calls().at(0).name == "fence-peer");
        module.happen("e07-reconnect-resync", 30000);
        CHECK(listener->wait(Deadline::in(0s)));
        CHECK(test::told(listener->resources(), dialect) ==
              test::told(test::capture(dialect, "s06-pri-sec")));
    }
}

TEST_CASE("DRBD: a listener is told when the module is unloaded, also by way of a loss") {
    for (const auto dialect : dialects) {
        test::Played_module module{dialect, "s24-two-resources"};
        const auto told = drbd::make_listener(module.channels());
        module.happen("e22-module-unload", 10000);
        CHECK(told->wait(Deadline::in(0s)));
        CHECK(told->unloaded());
        CHECK(told->resources().empty());
        CHECK_FALSE(told->wait(Deadline::in(0s)));
        const auto deaf = drbd::make_listener(module.channels());
        module.happen(std::nullopt);
        module.play("s01-not-loaded");
        CHECK(deaf->wait(Deadline::in(0s)));
        CHECK(deaf->unloaded());
        CHECK(deaf->resources().empty());
    }
}

TEST_CASE("DRBD: a watch tells that something changed, also when events were lost") {
    test::Played_module module{Dialect::v9, "s06-pri-sec"};
    const auto watch = drbd::make_watch(module.channels(), drbd::Events::of_module);
    CHECK_FALSE(watch->wait(Deadline::in(0s)));
    module.happen("e06-peer-lost", 0);
    CHECK(watch->wait(Deadline::in(0s)));
    CHECK_FALSE(watch->wait(Deadline::in(0s)));
    module.happen(std::nullopt);
    CHECK(watch->wait(Deadline::in(0s)));
}
