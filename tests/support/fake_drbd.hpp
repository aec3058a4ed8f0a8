// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD with memory: the rules of its state changes that agents rely on.
#pragma once

#include <algorithm>
#include <functional>
#include <map>

#include "kernel/drbd.hpp"

namespace san::test {

class Fake_drbd final : public drbd::Kernel {
public:
    bool module_loaded = false;
    std::map<std::string, drbd::Resource> resources;
    /// What state changes are refused with, each once, in this order.
    std::vector<drbd::Answer> refusals;
    /// Called before each look at a resource: what happens meanwhile.
    std::function<void()> meanwhile = [] {};

    bool loaded() override { return module_loaded; }

    std::optional<drbd::Resource> find(const std::string& name) override {
        meanwhile();
        const auto found = resources.find(name);
        if (!module_loaded || found == resources.end()) return {};
        return found->second;
    }

    drbd::Answer promote(const drbd::Resource& resource, const Deadline&) override {
        return change(resource.name, [](drbd::Resource& at) -> drbd::Answer {
            for (const auto& peer : at.peers)
                if (peer.role == drbd::Role::primary)
                    return {-1, "Multiple primaries not allowed by config"};
            if (std::none_of(at.volumes.begin(), at.volumes.end(), [](const auto& volume) {
                    return volume.disk == drbd::Disk::up_to_date;
                }))
                return {-2, "Need access to UpToDate data"};
            at.role = drbd::Role::primary;
            return {1, ""};
        });
    }
    drbd::Answer demote(const drbd::Resource& resource, const Deadline&) override {
        return change(resource.name, [this](drbd::Resource& at) -> drbd::Answer {
            if (held_open && at.role == drbd::Role::primary)
                return {-12, "Device is held open by someone"};
            at.role = drbd::Role::secondary;
            return {1, ""};
        });
    }
    drbd::Answer disconnect(const drbd::Resource& resource, bool, const Deadline&) override {
        return change(resource.name, [](drbd::Resource& at) -> drbd::Answer {
            at.peers.clear();
            return {1, ""};
        });
    }
    drbd::Answer down(const std::string& name, const Deadline&) override {
        return change(name, [&](drbd::Resource& at) -> drbd::Answer {
            if (held_open && at.role == drbd::Role::primary)
                return {-12, "Device is held open by someone"};
            resources.erase(name);
            return {101, ""};
        });
    }

    bool held_open = false;

private:
    drbd::Answer change(const std::string& name,
                        const std::function<drbd::Answer(drbd::Resource&)>& act) {
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
