// SPDX-License-Identifier: GPL-2.0-or-later
// What agents rely on of DRBD's state changes, on the fake and, where a resource named by
// SAN_TEST_RESOURCE is configured and Secondary, on the kernel.
#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <future>

#include "base/fd.hpp"
#include "kernel/drbd.hpp"
#include "support/catch.hpp"
#include "support/contract.hpp"
#include "support/fake_drbd.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

/// A configured resource whose local data is good, Secondary here and on its peer.
class Bench {
public:
    virtual ~Bench() = default;
    virtual drbd::Kernel& kernel() = 0;
    virtual std::string name() const = 0;
    virtual void open() = 0;
    virtual void close() = 0;
    /// Somebody else's change of role while `work` waits for it.
    virtual void promote_during(const std::function<void()>& work) = 0;

    drbd::Resource resource() {
        const auto found = kernel().find(name());
        REQUIRE(found.has_value());
        return *found;
    }
};

class Fake_bench final : public Bench {
public:
    Fake_bench() {
        fake_.module_loaded = true;
        fake_.resources["r0"] = {.name = "r0",
                                 .role = drbd::Role::secondary,
                                 .volumes = {{.disk = drbd::Disk::up_to_date}},
                                 .peers = {{.connection = drbd::Connection::connected,
                                            .role = drbd::Role::secondary,
                                            .volumes = {{.disk = drbd::Disk::up_to_date,
                                                         .replication = "Established"}}}}};
    }
    drbd::Kernel& kernel() override { return fake_; }
    std::string name() const override { return "r0"; }
    void open() override { fake_.held_open = true; }
    void close() override { fake_.held_open = false; }
    void promote_during(const std::function<void()>& work) override {
        fake_.future = {[this] { fake_.promote(resource()); }};
        work();
    }

private:
    test::Fake_drbd fake_;
};

class Real_bench final : public Bench {
public:
    static bool possible() { return std::getenv("SAN_TEST_RESOURCE") != nullptr; }
    Real_bench() {
        const auto watch = real_->watch();
        const auto patience = Deadline::in(60s);
        while (resource().peers.at(0).connection != drbd::Connection::connected)
            REQUIRE(watch->wait(patience));
    }
    ~Real_bench() override {
        close();
        if (const auto left = real_->find(name())) real_->demote(*left);
    }
    drbd::Kernel& kernel() override { return *real_; }
    std::string name() const override { return std::getenv("SAN_TEST_RESOURCE"); }
    void open() override {
        const auto device = "/dev/drbd" + std::to_string(resource().volumes.at(0).minor);
        opened_ = Fd::adopt(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(opened_);
    }
    void close() override { opened_.close(); }
    void promote_during(const std::function<void()>& work) override {
        const auto before = resource();
        const auto other =
            std::async(std::launch::async, [&] { return drbd::make_kernel()->promote(before); });
        work();
    }

private:
    std::unique_ptr<drbd::Kernel> real_ = drbd::make_kernel();
    Fd opened_;
};

void with_each_bench(const std::function<void(Bench&)>& check) {
    test::on_fake_and_kernel<Bench, Fake_bench, Real_bench>(check);
}

}  // namespace

TEST_CASE("a resource is found with its volumes and peers, an unknown one is not") {
    with_each_bench([](Bench& bench) {
        CHECK(bench.kernel().loaded());
        CHECK_FALSE(bench.kernel().find("no-such-resource").has_value());
        const auto resource = bench.resource();
        const auto all = bench.kernel().all();
        CHECK(std::find(all.begin(), all.end(), resource) != all.end());
        CHECK(resource.name == bench.name());
        CHECK(resource.role == drbd::Role::secondary);
        CHECK_FALSE(resource.suspended);
        REQUIRE(resource.volumes.size() == 1);
        CHECK(resource.volumes[0].disk == drbd::Disk::up_to_date);
        CHECK(resource.volumes[0].has_quorum);
        REQUIRE(resource.peers.size() == 1);
        CHECK(resource.peers[0].connection == drbd::Connection::connected);
        CHECK(resource.peers[0].role == drbd::Role::secondary);
        REQUIRE(resource.peers[0].volumes.size() == 1);
        CHECK(resource.peers[0].volumes[0].disk == drbd::Disk::up_to_date);
        CHECK(resource.peers[0].volumes[0].replication == "Established");
    });
}

TEST_CASE("roles change, and a change that was not needed says so") {
    with_each_bench([](Bench& bench) {
        const auto before = bench.resource();
        CHECK(bench.kernel().demote(before).code == drbd::nothing_to_do);
        const auto promoted = bench.kernel().promote(before);
        CHECK(promoted.ok());
        CHECK(promoted.code != drbd::nothing_to_do);
        CHECK(bench.resource().role == drbd::Role::primary);
        CHECK(bench.kernel().promote(bench.resource()).code == drbd::nothing_to_do);
        CHECK(bench.kernel().demote(bench.resource()).ok());
        CHECK(bench.resource().role == drbd::Role::secondary);
    });
}

TEST_CASE("what is open cannot be demoted, and nothing is changed by trying") {
    with_each_bench([](Bench& bench) {
        REQUIRE(bench.kernel().promote(bench.resource()).ok());
        bench.open();
        const auto answer = bench.kernel().demote(bench.resource());
        CHECK(answer.code == -12);
        CHECK_FALSE(answer.ok());
        CHECK_FALSE(answer.text.empty());
        const auto down = bench.kernel().down(bench.name());
        CHECK(down.code == -12);
        CHECK(bench.resource().role == drbd::Role::primary);
        bench.close();
        CHECK(bench.kernel().demote(bench.resource()).ok());
    });
}

TEST_CASE("an unknown resource cannot be taken down") {
    with_each_bench([](Bench& bench) {
        const auto answer = bench.kernel().down("no-such-resource");
        CHECK(answer.code == 158);
        CHECK_FALSE(answer.text.empty());
    });
}

TEST_CASE("a watch sees the change that came after it was made, and time that passes") {
    with_each_bench([](Bench& bench) {
        const auto watch = bench.kernel().watch();
        CHECK_FALSE(watch->wait(Deadline::in(0s)));
        bench.promote_during([&] {
            const auto patience = Deadline::in(30s);
            while (bench.resource().role != drbd::Role::primary) REQUIRE(watch->wait(patience));
        });
        CHECK(bench.kernel().demote(bench.resource()).ok());
    });
}

TEST_CASE("so does a watch that needs no module") {
    with_each_bench([](Bench& bench) {
        const auto watch = bench.kernel().watch_always();
        bench.promote_during([&] {
            const auto patience = Deadline::in(30s);
            while (bench.resource().role != drbd::Role::primary) REQUIRE(watch->wait(patience));
        });
        CHECK(bench.kernel().demote(bench.resource()).ok());
    });
}
