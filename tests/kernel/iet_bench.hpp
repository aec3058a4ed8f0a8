// SPDX-License-Identifier: GPL-2.0-or-later
// An IET to try: the fake, and a real one where there is one and somebody wants it tried.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "kernel/connections.hpp"
#include "support/catch.hpp"
#include "support/node.hpp"

namespace san::test::iet_bench {

class Bench {
public:
    virtual ~Bench() = default;
    virtual System& system() = 0;
    /// A file of 64 MiB that units can be made of.
    virtual std::string disk(const std::string& name = "ours") = 0;
};

class Fake_bench final : public Bench {
public:
    Fake_bench() {
        node_.iet.is_loaded = true;
        node_.connections.portals = [] {
            return std::vector<Listener>{{.ip = Ip::parse("0.0.0.0"), .port = 3260}};
        };
    }
    System& system() override { return node_.system; }
    std::string disk(const std::string& name) override {
        const auto path = "/" + name;
        node_.files.replace(path, "x");
        node_.iet.files.insert(path);
        return path;
    }

private:
    Node node_;
};

/// With IET's service running as it was installed; its lists are put back.
class Real_bench final : public Bench {
public:
    static bool possible() {
        return std::getenv("SAN_TEST_IET") != nullptr && ::geteuid() == 0 &&
               std::filesystem::exists("/proc/net/iet/volume");
    }
    System& system() override { return system_; }
    std::string disk(const std::string& name) override {
        const auto path = (directory_.path() / name).string();
        std::ofstream{path};
        std::filesystem::resize_file(path, 64 << 20);
        return path;
    }

private:
    Fake_root directory_;
    Node others_;
    Files files_{};
    Programs commands_;
    Forked bounded_;
    std::unique_ptr<Connections> connections_ = make_connections();
    std::unique_ptr<iet::Control> iet_ = iet::make_control(commands_);
    System system_{.name = "alice",
                   .files = files_,
                   .configfs = others_.configfs,
                   .addresses = others_.network.addresses,
                   .links = others_.network.links,
                   .routes = others_.network.routes,
                   .announcer = others_.network.announcer,
                   .networks = others_.network.networks,
                   .firewall = others_.firewall,
                   .connections = *connections_,
                   .initiator = others_.initiator,
                   .mapper = others_.mapper,
                   .drbd = others_.drbd,
                   .tgt = others_.tgt,
                   .iet = *iet_,
                   .scst = others_.scst,
                   .commands = commands_,
                   .bounded = bounded_,
                   .background = others_.background,
                   .attributes = others_.attributes,
                   .watchers = others_.watchers,
                   .residents = others_.residents};
};

/// Not as of kernels that the lab has: nothing there can run IET.
inline void with_each_bench(const std::function<void(Bench&)>& check) {
    {
        INFO("on the fake");
        Fake_bench bench;
        check(bench);
    }
    if (std::getenv("SAN_TEST_IET") == nullptr) return;
    INFO("on the real one");
    if (!Real_bench::possible()) FAIL("there is no IET here");
    Real_bench bench;
    check(bench);
}

}  // namespace san::test::iet_bench
