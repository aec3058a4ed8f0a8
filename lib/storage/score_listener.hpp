// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps node attributes with DRBD's promotion scores fresh, from the kernel's events.
//
//   kernel ── events ──► listener ──► "drbd-promotion-score-r0" of this node, one per resource
//
// A resource that is configured here but not up, or that must not be used, has -1000000, the
// scheduler's minus infinity; one that is neither up nor configured has no attribute.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/node_attributes.hpp"
#include "kernel/drbd.hpp"
#include "kernel/system.hpp"

namespace san {

class Score_listener {
public:
    using Path = std::filesystem::path;
    struct Wish {
        Path state;                         ///< beginning of the names of its files
        std::string prefix{};               ///< of the attributes' names
        std::chrono::seconds dampening{0};  ///< of scores; bad news is told at once
        bool details = false;               ///< what led to a score is an attribute as well
    };

    Score_listener(System& node, Wish wish) : node_{&node}, wish_{std::move(wish)} {}

    // What is done by actions.

    /// Whether a listener was started, and not stopped since.
    bool is_started() const;
    bool is_alive() const;
    /// What it could not do last, while it cannot.
    std::optional<std::string> find_trouble() const;
    /// Returns when the listener lives. Errors: failed
    void start(const Deadline& deadline) const;
    /// Ends it and removes its attributes. What the cluster does not remove is a warning, and left
    /// to the next listener.
    void stop(const Deadline& deadline) const;

    // What is done in its process.

    /// Until the process is ended.
    [[noreturn]] void run();
    /// One look at DRBD: tells the cluster what has changed, or everything.
    ///
    /// Errors  failed when DRBD or the cluster could not be asked
    void look(bool everything);

private:
    using Attributes = std::map<std::string, Node_attribute>;
    struct Told {
        std::string value;
        std::string text;  ///< as it was told
    };

    Path lock() const;
    Path names() const;
    Path leftovers() const;
    Path trouble() const;

    void know_configured(const std::vector<drbd::Resource>& there);
    Attributes wanted(const std::vector<drbd::Resource>& there) const;
    void tell(const std::vector<Node_attribute>& attributes, const Deadline& deadline) const;
    void note_trouble(const std::string& why);
    void settle_trouble();
    void turn();

    System* node_;
    Wish wish_;
    std::set<std::string> configured_{};
    std::optional<std::set<std::string>> up_{};  ///< at the last look
    std::map<std::string, Told> told_{};         ///< by the attribute's name
    std::string trouble_{};
    bool everything_ = true;  ///< the next look tells the cluster also what has not changed
    Deadline refresh_ = Deadline::in(std::chrono::seconds{0});
};

}  // namespace san
