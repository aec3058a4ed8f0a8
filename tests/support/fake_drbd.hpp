// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD with memory: the rules of its state changes that agents rely on.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>

#include "base/error.hpp"
#include "kernel/drbd.hpp"

namespace san::test {

/// What happens in the kernel while an agent waits: one step per wait.
class Fake_watch final : public drbd::Watch {
public:
    explicit Fake_watch(std::vector<std::function<void()>>& future) : future_{future} {}
    bool wait(const Deadline&) override {
        if (future_.empty()) return false;
        const auto next = future_.front();
        future_.erase(future_.begin());
        next();
        return true;
    }

private:
    std::vector<std::function<void()>>& future_;
};

/// Ends the wait of a process that would wait for ever.
struct Nothing_happens {};

/// As Fake_watch, for a process that has no end: one step, then silence.
class Fake_endless_watch final : public drbd::Watch {
public:
    explicit Fake_endless_watch(std::vector<std::function<void()>>& future) : future_{future} {}
    bool wait(const Deadline&) override {
        if (stepped_) return false;
        if (future_.empty()) throw Nothing_happens{};
        const auto next = future_.front();
        future_.erase(future_.begin());
        // Time passes without an event.
        if (!next) return false;
        stepped_ = true;
        next();
        return true;
    }

private:
    std::vector<std::function<void()>>& future_;
    bool stepped_ = false;
};

class Fake_drbd final : public drbd::Kernel {
public:
    bool module_loaded = false;
    std::map<std::string, drbd::Resource> resources;
    /// Somebody has a volume open: a Primary cannot be demoted.
    std::atomic<bool> held_open = false;
    /// What state changes are refused with, each once, in this order.
    std::vector<drbd::Answer> refusals;
    /// Why all() fails, if it does.
    std::string failure{};
    /// What happens while somebody waits for events.
    std::vector<std::function<void()>> future;
    /// How resources are configured, by name.
    std::map<std::string, drbd::Settings> configured;
    /// The changes asked for, in order: "promote r0".
    std::vector<std::string> asked;

    bool loaded() override { return module_loaded; }

    std::optional<drbd::Resource> find(const std::string& name) override {
        const auto found = resources.find(name);
        if (!module_loaded || found == resources.end()) return {};
        return found->second;
    }

    std::vector<drbd::Resource> all() override {
        if (!failure.empty()) throw Error{Kind::failed, failure};
        std::vector<drbd::Resource> all;
        for (const auto& [name, resource] : resources)
            if (module_loaded) all.push_back(resource);
        return all;
    }

    std::unique_ptr<drbd::Watch> watch() override { return std::make_unique<Fake_watch>(future); }
    std::unique_ptr<drbd::Watch> watch_always() override {
        return std::make_unique<Fake_endless_watch>(future);
    }

    drbd::Answer promote(const drbd::Resource& resource) override {
        return change("promote", resource.name, [](drbd::Resource& at) -> drbd::Answer {
            if (at.role == drbd::Role::primary) return {drbd::nothing_to_do, ""};
            for (const auto& peer : at.peers)
                if (peer.role == drbd::Role::primary) return {-1, "another node is Primary"};
            if (!has_good_data(at)) return {-2, "no UpToDate data can be reached"};
            at.role = drbd::Role::primary;
            return {1, ""};
        });
    }
    drbd::Answer demote(const drbd::Resource& resource) override {
        return change("demote", resource.name, [this](drbd::Resource& at) -> drbd::Answer {
            if (at.role == drbd::Role::secondary) return {drbd::nothing_to_do, ""};
            if (held_open) return {-12, "the device is in use"};
            at.role = drbd::Role::secondary;
            return {1, ""};
        });
    }
    drbd::Answer outdate(const drbd::Resource& resource) override {
        return change("outdate", resource.name, [](drbd::Resource& at) -> drbd::Answer {
            for (auto& volume : at.volumes) volume.disk = drbd::Disk::outdated;
            return {1, ""};
        });
    }
    std::optional<drbd::Settings> settings(const std::string& name) override {
        if (!find(name)) return {};
        return configured[name];
    }
    drbd::Answer down(const std::string& name) override {
        return change("down", name, [&](drbd::Resource& at) -> drbd::Answer {
            if (held_open && at.role == drbd::Role::primary) return {-12, "failed to demote"};
            resources.erase(name);
            return {101, ""};
        });
    }

private:
    static bool has_good_data(const drbd::Resource& resource) {
        const auto good = [](const auto& volume) { return volume.disk == drbd::Disk::up_to_date; };
        if (std::all_of(resource.volumes.begin(), resource.volumes.end(), good)) return true;
        return std::any_of(resource.peers.begin(), resource.peers.end(), [&](const auto& peer) {
            return std::all_of(peer.volumes.begin(), peer.volumes.end(), good);
        });
    }

    drbd::Answer change(const std::string& what, const std::string& name,
                        const std::function<drbd::Answer(drbd::Resource&)>& act) {
        asked.push_back(what + " " + name);
        if (!refusals.empty()) {
            const auto refusal = refusals.front();
            refusals.erase(refusals.begin());
            return refusal;
        }
        const auto found = resources.find(name);
        if (found == resources.end()) return {158, "unknown resource"};
        return act(found->second);
    }
};

}  // namespace san::test
