// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/migration_mark.hpp"

#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::stack {

namespace {

constexpr auto maintenance_mode = "maintenance-mode";
constexpr auto absent = "absent";

// Ids and node names have no blanks, and ids, which stand first, no '=' (XML's names).
std::string written(const std::map<std::string, std::string>& values) {
    std::vector<std::string> words;
    for (const auto& [name, value] : values) words.push_back(name + "=" + value);
    return text::joined(words, " ");
}

std::map<std::string, std::string> read(const std::string& written) {
    std::map<std::string, std::string> values;
    for (const auto& word : text::words(written)) {
        const auto at = word.rfind('=');
        if (at == std::string::npos)
            throw Error{Kind::failed, "the cluster's property set " +
                                          std::string{Migration_mark::set} + " has " +
                                          text::quoted(word) + ": expected NAME=VALUE"};
        values[word.substr(0, at)] = word.substr(at + 1);
    }
    return values;
}

}  // namespace

Migration_mark Migration_mark::make(const std::vector<Provider_change>& changes,
                                    Direction direction, const Cib_copy& cib,
                                    const Cluster_picture& picture) {
    Migration_mark mark{.direction = direction,
                        .places = stack::places(picture),
                        .maintenance = cib.find_property(maintenance_mode)};
    std::set<std::string> tops;
    for (const auto& change : changes) {
        mark.before[change.id] = change.from;
        mark.after[change.id] = change.to;
        tops.insert(change.tops.begin(), change.tops.end());
    }
    mark.tops.assign(tops.begin(), tops.end());
    return mark;
}

std::optional<Migration_mark> Migration_mark::find(const Cib_copy& cib) {
    const auto kept = cib.find_set(set);
    if (!kept) return {};
    const auto value = [&](const std::string& name) {
        const auto found = kept->find("san-migrate-" + name);
        if (found == kept->end())
            throw Error{Kind::failed,
                        "the cluster's property set " + std::string{set} + " has no " + name};
        return found->second;
    };
    Migration_mark mark{
        .direction = value("direction") == "back" ? Direction::back : Direction::to_san,
        .before = read(value("before")),
        .after = read(value("after")),
        .tops = text::words(value("tops")),
        .places = read(value("places"))};
    if (const auto was = value("maintenance"); was != absent) mark.maintenance = was;
    return mark;
}

void Migration_mark::place(Cib_copy& cib) const {
    cib.place_set(set, {{"san-migrate-direction", direction == Direction::back ? "back" : "to-san"},
                        {"san-migrate-before", written(before)},
                        {"san-migrate-after", written(after)},
                        {"san-migrate-tops", text::joined(tops, " ")},
                        {"san-migrate-places", written(places)},
                        {"san-migrate-maintenance", maintenance.value_or(absent)}});
    cib.set_property(maintenance_mode, "true");
}

void Migration_mark::remove(Cib_copy& cib) const {
    cib.remove_set(set);
    cib.set_property(maintenance_mode, maintenance);
}

}  // namespace san::stack
