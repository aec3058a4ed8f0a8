// SPDX-License-Identifier: GPL-2.0-or-later
// What Mapper promises, on the fake everywhere and on device-mapper where it is loaded.
#include <fcntl.h>
#include <unistd.h>

#include "base/command.hpp"
#include "base/fd.hpp"
#include "kernel/mapper.hpp"
#include "support/catch.hpp"
#include "support/contract.hpp"
#include "support/fake_mapper.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

/// A node on which devices can be made; all are gone again afterwards.
class Bench {
public:
    virtual ~Bench() = default;
    virtual Mapper& mapper() = 0;
    virtual void make_zero(const std::string& name, const std::string& uuid) = 0;
    /// A linear device on another one.
    virtual void make_on(const std::string& name, const std::string& below) = 0;
    virtual void suspend(const std::string& name) = 0;
    virtual void resume(const std::string& name) = 0;
    virtual void open(const std::string& name) = 0;
    virtual void close() = 0;

    Mapped_device find(const std::string& name) {
        for (auto& device : mapper().devices())
            if (device.name == name) return device;
        FAIL("no device " << name);
        return {};
    }
};

class Fake_bench final : public Bench {
public:
    Mapper& mapper() override { return fake_; }
    void make_zero(const std::string& name, const std::string& uuid) override {
        fake_.list.push_back({.name = name,
                              .uuid = uuid,
                              .number = {253, next_++},
                              .has_live_table = true,
                              .table = {{"zero", ""}}});
    }
    void make_on(const std::string& name, const std::string& below) override {
        const auto number = find(below).number;
        fake_.list.push_back({.name = name,
                              .uuid = "",
                              .number = {253, next_++},
                              .has_live_table = true,
                              .table = {{"linear", number.to_text() + " 0"}},
                              .below = {number}});
    }
    void suspend(const std::string& name) override { at(name).suspended = true; }
    void resume(const std::string& name) override { at(name).suspended = false; }
    void open(const std::string& name) override { at(opened_ = name).open_count = 1; }
    void close() override { at(opened_).open_count = 0; }

private:
    Mapped_device& at(const std::string& name) {
        return *std::find_if(fake_.list.begin(), fake_.list.end(),
                             [&](const auto& device) { return device.name == name; });
    }
    test::Fake_mapper fake_;
    std::string opened_;
    unsigned next_ = 0;
};

class Real_bench final : public Bench {
public:
    ~Real_bench() override {
        for (auto name = made_.rbegin(); name != made_.rend(); ++name)
            programs_.run({"dmsetup", "remove", "--retry", "-f", *name}, Deadline::in(60s), {});
    }
    static bool possible() {
        return Programs{}.has("dmsetup") && ::access("/sys/class/misc/device-mapper", F_OK) == 0;
    }
    Mapper& mapper() override { return *real_; }
    void make_zero(const std::string& name, const std::string& uuid) override {
        create({"dmsetup", "create", name, "-u", uuid, "--table", "0 2048 zero"}, name);
    }
    void make_on(const std::string& name, const std::string& below) override {
        create({"dmsetup", "create", name, "--table",
                "0 1024 linear " + find(below).number.to_text() + " 0"},
               name);
    }
    void suspend(const std::string& name) override { dmsetup({"dmsetup", "suspend", name}); }
    void resume(const std::string& name) override { dmsetup({"dmsetup", "resume", name}); }
    void open(const std::string& name) override {
        opened_ = Fd::adopt(::open(("/dev/mapper/" + name).c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(opened_);
    }
    void close() override { opened_.close(); }

private:
    void create(const std::vector<std::string>& argv, const std::string& name) {
        dmsetup(argv);
        made_.push_back(name);
    }
    void dmsetup(const std::vector<std::string>& argv) { programs_.must(argv, Deadline::in(60s)); }

    std::unique_ptr<Mapper> real_ = make_mapper();
    Programs programs_;
    std::vector<std::string> made_;
    Fd opened_;
};

void with_each_bench(const std::function<void(Bench&)>& check) {
    test::on_fake_and_kernel<Bench, Fake_bench, Real_bench>(check);
}

}  // namespace

TEST_CASE("a device has its name, uuid, table and what lies below") {
    with_each_bench([](Bench& bench) {
        bench.make_zero("san--t-low", "SAN-test-low");
        bench.make_on("san--t-high", "san--t-low");
        const auto low = bench.find("san--t-low");
        CHECK(low.uuid == "SAN-test-low");
        CHECK(low.has_live_table);
        CHECK_FALSE(low.suspended);
        CHECK(low.open_count == 1);
        REQUIRE(low.table.size() == 1);
        CHECK(low.table.front().type == "zero");
        CHECK(low.below.empty());

        const auto high = bench.find("san--t-high");
        CHECK(high.uuid.empty());
        CHECK(high.open_count == 0);
        CHECK(high.below == std::vector<Device_number>{low.number});
        CHECK(high.table == std::vector<Mapping>{{"linear", low.number.to_text() + " 0"}});
    });
}

TEST_CASE("only the devices that are asked for are told of") {
    with_each_bench([](Bench& bench) {
        bench.make_zero("san--t-a", "SAN-test-a");
        bench.make_zero("san--t-b", "SAN-test-b");
        const auto found =
            bench.mapper().devices_named([](std::string_view name) { return name == "san--t-b"; });
        REQUIRE(found.size() == 1);
        CHECK(found.front() == bench.find("san--t-b"));
    });
}

TEST_CASE("a suspended device is seen to be suspended") {
    with_each_bench([](Bench& bench) {
        bench.make_zero("san--t-s", "SAN-test-s");
        bench.suspend("san--t-s");
        CHECK(bench.find("san--t-s").suspended);
        bench.resume("san--t-s");
        CHECK_FALSE(bench.find("san--t-s").suspended);
    });
}

TEST_CASE("the status of a device is told by its number, suspended or not") {
    with_each_bench([](Bench& bench) {
        bench.make_zero("san--t-low", "SAN-test-low");
        bench.make_on("san--t-high", "san--t-low");
        const auto low = bench.find("san--t-low").number;
        const auto high = bench.find("san--t-high").number;
        CHECK(bench.mapper().find_status(low) == std::vector<Mapping>{{"zero", ""}});
        CHECK(bench.mapper().find_status(high) == std::vector<Mapping>{{"linear", ""}});
        bench.suspend("san--t-high");
        CHECK(bench.mapper().find_status(high) == std::vector<Mapping>{{"linear", ""}});
        bench.resume("san--t-high");
        CHECK_FALSE(bench.mapper().find_status({low.major, 1048575}));
    });
}

TEST_CASE("what is open or lies below another is not removed, the rest is, once") {
    with_each_bench([](Bench& bench) {
        bench.make_zero("san--t-low", "SAN-test-low");
        bench.make_on("san--t-high", "san--t-low");
        CHECK_THROWS_WITH(bench.mapper().remove("san--t-low"), ContainsSubstring("busy"));

        bench.open("san--t-high");
        CHECK(bench.find("san--t-high").open_count == 1);
        CHECK_THROWS_WITH(bench.mapper().remove("san--t-high"), ContainsSubstring("busy"));
        bench.close();

        CHECK(bench.mapper().remove("san--t-high") == Change::made);
        CHECK(bench.mapper().remove("san--t-high") == Change::none);
        CHECK(bench.mapper().remove("san--t-low") == Change::made);
        for (const auto& device : bench.mapper().devices())
            CHECK_FALSE(device.name.starts_with("san--t-"));
    });
}
