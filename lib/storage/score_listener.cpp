// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/score_listener.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <poll.h>

#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/residents.hpp"
#include "storage/promotion_score.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

constexpr auto minus_infinity = "-1000000";

// pacemaker-attrd forgets everything when Pacemaker restarts, and tells nobody.
constexpr auto refresh_interval = 60s;
// Nothing tells when a cluster that did not answer would.
constexpr auto retry = 5s;
// A change of role comes as a dozen events; one look answers for all of them.
constexpr auto settling = 100ms;
constexpr auto cluster_patience = 20s;
constexpr auto tool_patience = 10s;

std::string now() {
    const auto time = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&time, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

/// A name per line.
std::vector<std::string> lines(const Files& files, const std::filesystem::path& path) {
    return text::words(files.find(path).value_or(""));
}

std::string listed(const std::set<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += name + "\n";
    return text;
}

constexpr std::string_view detail_mark = ":event-details";

bool is_detail(const std::string& name) { return name.find(detail_mark) != std::string::npos; }

/// Details say when.
std::string said(const Node_attribute& attribute) {
    return is_detail(attribute.name) ? now() + " " + *attribute.value : *attribute.value;
}

/// Removed at once, whatever its dampening is.
Node_attribute removal(const std::string& node, const std::string& name) {
    return {.node = node, .name = name, .value = {}, .dampening = 0s};
}

}  // namespace

Score_listener::Path Score_listener::lock() const { return Path{wish_.state}.concat(".lock"); }
Score_listener::Path Score_listener::names() const {
    return Path{wish_.state}.concat(".attributes");
}
Score_listener::Path Score_listener::leftovers() const { return Path{wish_.state}.concat(".left"); }
Score_listener::Path Score_listener::trouble() const {
    return Path{wish_.state}.concat(".trouble");
}

bool Score_listener::is_started() const { return node_->files.exists(names()); }
bool Score_listener::is_alive() const { return node_->residents.is_there(lock()); }
std::optional<std::string> Score_listener::find_trouble() const {
    return node_->files.find(trouble());
}

void Score_listener::start(const Deadline& deadline) const {
    // First, so that a start that is killed is seen and stopped. Attributes of a former listener
    // that nobody wants any more are removed by the new one.
    std::set<std::string> known;
    for (const auto& file : {names(), leftovers()})
        for (const auto& name : lines(node_->files, file)) known.insert(name);
    node_->files.replace(names(), listed(known));
    node_->files.remove(trouble());
    node_->residents.start(
        lock(), [listener = *this]() mutable { listener.run(); }, deadline);
}

void Score_listener::stop(const Deadline& deadline) const {
    node_->residents.end(lock(), Deadline::in(deadline.left() / 2));
    const auto known = lines(node_->files, names());
    try {
        std::vector<Node_attribute> removals;
        for (const auto& name : known) removals.push_back(removal(node_->name, name));
        tell(removals, Deadline::in(deadline.left() * 3 / 4));
        node_->files.remove(leftovers());
    } catch (const Error& problem) {
        log::warning("attributes are left until the next start or until the cluster is restarted: ",
                     problem.what());
        node_->files.replace(leftovers(), listed({known.begin(), known.end()}));
    }
    node_->files.remove(trouble());
    node_->files.remove(names());
    node_->files.remove(lock());
}

void Score_listener::tell(const std::vector<Node_attribute>& attributes,
                          const Deadline& deadline) const {
    if (attributes.empty()) return;
    // Ended in between, what is on its way could come after what stop says.
    const Uninterrupted hold;
    // In a child, because the library that talks to the cluster has no deadline of its own.
    node_->bounded.run(deadline, [&](const Bounded::Progress& progress) {
        for (const auto& attribute : attributes) {
            progress("the cluster to take " + attribute.name);
            node_->attributes.set(attribute, deadline);
        }
        return Change::made;
    });
}

void Score_listener::know_configured(const std::vector<drbd::Resource>& there) {
    std::set<std::string> up;
    for (const auto& resource : there) up.insert(resource.name);
    // What has come or gone may have come into the configuration or gone from it.
    if (up_ == up) return;
    up_ = std::move(up);
    try {
        const auto outcome =
            node_->commands.must({"drbdadm", "sh-resources"}, Deadline::in(tool_patience));
        const auto found = text::words(outcome.out);
        configured_ = {found.begin(), found.end()};
    } catch (const Error& problem) {
        // What is up is known without it, and what was configured at the last time.
        log::warning("the resources that are configured are not known: ", problem.what());
    }
}

Score_listener::Attributes Score_listener::wanted(const std::vector<drbd::Resource>& there) const {
    Attributes all;
    const auto add = [&](const std::string& name, const std::string& resource, std::string value,
                         std::chrono::seconds dampening) {
        const auto full = name + "-" + resource;
        all.try_emplace(full, Node_attribute{.node = node_->name,
                                             .name = full,
                                             .value = std::move(value),
                                             .dampening = dampening});
    };
    for (const auto& resource : there) {
        const auto score = promotion_score(resource);
        if (score > 0)
            add(wish_.prefix, resource.name, std::to_string(score), wish_.dampening);
        else
            add(wish_.prefix, resource.name, minus_infinity, 0s);
        if (wish_.details)
            add(wish_.prefix + std::string{detail_mark}, resource.name, summary(resource),
                wish_.dampening);
    }
    for (const auto& name : configured_) add(wish_.prefix, name, minus_infinity, 0s);
    return all;
}

void Score_listener::look(bool everything) {
    const auto there = node_->drbd.all();
    know_configured(there);
    const auto wishes = wanted(there);
    std::set<std::string> known;
    for (const auto& name : lines(node_->files, names())) known.insert(name);

    std::vector<Node_attribute> news;
    for (const auto& name : known)
        if (!wishes.contains(name)) news.push_back(removal(node_->name, name));
    std::map<std::string, Told> told;
    for (const auto& [name, attribute] : wishes) {
        const auto before = told_.find(name);
        const bool changed = before == told_.end() || before->second.value != *attribute.value;
        told[name] =
            changed ? Told{.value = *attribute.value, .text = said(attribute)} : before->second;
        if (!changed && !everything) continue;
        news.push_back(attribute);
        news.back().value = told[name].text;
        // The dampening belongs to all nodes' values: said again, it would write those at once.
        if (!changed) news.back().dampening.reset();
    }
    if (news.empty()) return;
    // Before the cluster is told: stop has to find them all.
    for (const auto& [name, attribute] : wishes) known.insert(name);
    node_->files.replace(names(), listed(known));
    tell(news, Deadline::in(cluster_patience));
    for (const auto& attribute : news)
        if (!attribute.value)
            log::info(attribute.name, " removed");
        else if (attribute.dampening && !is_detail(attribute.name))
            log::info(attribute.name, "=", *attribute.value);
    told_ = std::move(told);
    std::erase_if(known, [&](const auto& name) { return !wishes.contains(name); });
    node_->files.replace(names(), listed(known));
    node_->files.remove(leftovers());
}

void Score_listener::note_trouble(const std::string& why) {
    if (why == trouble_) return;
    trouble_ = why;
    log::warning("attributes are not up to date: ", why);
    node_->files.replace(trouble(), why);
}

void Score_listener::settle_trouble() {
    if (trouble_.empty()) return;
    trouble_.clear();
    log::info("attributes are up to date again");
    node_->files.remove(trouble());
}

void Score_listener::turn() {
    // Before the look, so that no change is missed, and anew each time: a module that was loaded
    // meanwhile has another group of events.
    const auto watch = node_->drbd.watch_always();
    bool told = false;
    try {
        if (everything_) refresh_ = Deadline::in(refresh_interval);
        look(everything_);
        settle_trouble();
        told = true;
    } catch (const Error& problem) {
        note_trouble(problem.what());
    }
    const bool event = watch->wait(told ? refresh_ : Deadline::in(retry));
    everything_ = !told || !event || refresh_.expired();
    const auto silence = Deadline::in(settling);
    while (event && watch->wait(silence)) {
    }
}

void Score_listener::run() {
    for (;;) {
        try {
            turn();
        } catch (const Error& problem) {
            // Without a socket there is no event to wait for.
            note_trouble(problem.what());
            ::poll(nullptr, 0, static_cast<int>(std::chrono::milliseconds{retry}.count()));
            everything_ = true;
        }
    }
}

}  // namespace san
