// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tree.hpp"

namespace san {

namespace {

bool as_wanted(const Entry& entry, const Found& found) {
    const auto there = found.find(entry.read_at);
    return there != found.end() && there->second == entry.reads;
}

std::string fault(const Entry& entry, const Found& found) {
    const auto& step = entry.step;
    const auto there = found.find(entry.read_at);
    if (there == found.end() || there->second.empty()) return step.name + " is missing";
    if (step.secret) return step.name + " is another one";
    return step.name + " is " + there->second + " instead of " + entry.reads;
}

}  // namespace

Entry& Tree::directory(const Configfs::Path& at, std::string name) {
    return entries_.emplace_back(
        Entry{.step = {.act = Step::Act::make, .at = at, .name = std::move(name)}, .read_at = at});
}

Entry& Tree::link(const Configfs::Path& at, const Configfs::Path& target, std::string name) {
    return entries_.emplace_back(Entry{.step = {.act = Step::Act::link,
                                                .at = at,
                                                .name = std::move(name),
                                                .content = target.string()},
                                       .read_at = at,
                                       .reads = target.string()});
}

Entry& Tree::value(const Configfs::Path& at, std::string content, std::string name) {
    return entries_.emplace_back(Entry{
        .step = {.act = Step::Act::write, .at = at, .name = std::move(name), .content = content},
        .read_at = at,
        .reads = std::move(content)});
}

void Tree::read(const Entry& entry, const Configfs& configfs, Found& found) const {
    // Some show at the same place.
    if (found.contains(entry.read_at)) return;
    switch (entry.step.act) {
        case Step::Act::make:
            if (configfs.has(entry.read_at)) found[entry.read_at] = "";
            break;
        case Step::Act::link:
            if (const auto target = configfs.find_link(entry.read_at))
                found[entry.read_at] = target->string();
            break;
        default:
            if (auto value = configfs.find(entry.read_at)) found[entry.read_at] = std::move(*value);
    }
}

Found Tree::observe(const Configfs& configfs) const {
    Found found;
    for (const auto& entry : entries_) read(entry, configfs, found);
    return found;
}

Plan Tree::plan(const Found& found) const {
    Plan plan{.subject = subject_};
    for (const auto& entry : entries_)
        if (!as_wanted(entry, found)) plan.steps.push_back(entry.step);
    return plan;
}

std::vector<std::string> Tree::faults(const Configfs& configfs) const {
    Found found;
    std::vector<std::string> faults;
    for (const auto& entry : entries_) {
        if (!entry.vital) continue;
        read(entry, configfs, found);
        if (!as_wanted(entry, found)) faults.push_back(fault(entry, found));
    }
    return faults;
}

}  // namespace san
