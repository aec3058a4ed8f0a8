// SPDX-License-Identifier: GPL-2.0-or-later
// A node made of fakes, each of which passes the contract tests of the real thing.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/node_attributes.hpp"
#include "kernel/files.hpp"
#include "kernel/system.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_configfs.hpp"
#include "support/fake_drbd.hpp"
#include "support/fake_firewall.hpp"
#include "support/fake_iet.hpp"
#include "support/fake_initiator.hpp"
#include "support/fake_mapper.hpp"
#include "support/fake_network.hpp"
#include "support/fake_residents.hpp"
#include "support/fake_scst.hpp"
#include "support/fake_tgt.hpp"
#include "support/fake_watchers.hpp"

namespace san::test {

/// Remembers what was published last.
class Fake_attributes final : public Node_attributes {
public:
    void set(const Node_attribute& attribute, const Deadline&) override {
        if (!answers) throw Error{Kind::failed, attribute.name + ": the cluster does not answer"};
        before();
        const auto at = attribute.name + "@" + attribute.node;
        asked.push_back(attribute);
        if (attribute.value)
            values[at] = *attribute.value;
        else
            values.erase(at);
        if (const std::string score{"master-"}; at.starts_with(score))
            scores[at.substr(score.size())] =
                attribute.value ? text::number<int>(*attribute.value) : std::nullopt;
    }
    bool answers = true;
    std::function<void()> before = [] {};  ///< what happens before one is set
    std::vector<Node_attribute> asked{};
    std::map<std::string, std::string> values{};         ///< "name@node"
    std::map<std::string, std::optional<int>> scores{};  ///< "instance@node", also removed ones
};

/// A directory of its own, gone afterwards: what a Files of the test takes for "/".
class Fake_root {
public:
    Fake_root() {
        std::string name = std::filesystem::temp_directory_path() / "san-node-XXXXXX";
        path_ = ::mkdtemp(name.data());
    }
    Fake_root(const Fake_root&) = delete;
    Fake_root& operator=(const Fake_root&) = delete;
    ~Fake_root() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct Node {
    Node() {
        connections.portals = [this] {
            std::vector<Listener> found;
            for (const auto& portal : configfs.portals())
                found.push_back({.ip = portal.ip(), .port = portal.port()});
            return found;
        };
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    static Fake_tgtd absent_tgtd() {
        Fake_tgtd daemon;
        daemon.is_there = false;
        return daemon;
    }

    Fake_root root;
    Files files{root.path()};
    Fake_configfs configfs;
    Fake_network network;
    Fake_firewall firewall;
    Fake_connections connections;
    Fake_initiator initiator{configfs};
    Fake_mapper mapper;
    Fake_drbd drbd;
    Fake_tgtd tgt = absent_tgtd();
    Fake_iet iet;
    Fake_scst scst;  ///< not loaded
    Fake_commands commands;
    Inline bounded;
    Now background;
    Fake_attributes attributes;
    Fake_watchers watchers;
    Fake_residents residents;
    System system{.name = "alice",
                  .files = files,
                  .configfs = configfs,
                  .addresses = network.addresses,
                  .links = network.links,
                  .routes = network.routes,
                  .announcer = network.announcer,
                  .networks = network.networks,
                  .firewall = firewall,
                  .connections = connections,
                  .initiator = initiator,
                  .mapper = mapper,
                  .drbd = drbd,
                  .tgt = tgt,
                  .iet = iet,
                  .scst = scst,
                  .commands = commands,
                  .bounded = bounded,
                  .background = background,
                  .attributes = attributes,
                  .watchers = watchers,
                  .residents = residents};
};

}  // namespace san::test
