// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/alua.hpp"

#include <algorithm>
#include <cctype>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

using Path = Configfs::Path;

constexpr auto default_group = "default_tg_pt_gp";
constexpr std::size_t longest_name = 255;

// SPC-4 6.32, from 0.
constexpr const char* states[] = {"active", "nonoptimized", "standby", "unavailable"};

}  // namespace

Alua_state Alua_state::parse(std::string_view text) {
    for (const auto* state : states)
        if (text == state) return Alua_state{state};
    throw Error{Kind::misconfigured, "expected active, nonoptimized, standby or unavailable"};
}

std::string Alua_state::number() const {
    return std::to_string(std::find(std::begin(states), std::end(states), word_) -
                          std::begin(states));
}

Alua_group_name Alua_group_name::parse(std::string_view text) {
    const auto is_of_a_name = [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-';
    };
    if (text.empty() || text.size() > longest_name || text == "NULL" || text == default_group ||
        !std::all_of(text.begin(), text.end(), is_of_a_name))
        throw Error{Kind::misconfigured,
                    "expected 1 to 255 letters, digits, hyphens and underscores, and neither NULL "
                    "nor default_tg_pt_gp"};
    return Alua_group_name{std::string{text}};
}

namespace alua {

namespace {

Path directory(const Path& device, const Alua& wanted) {
    return device / "alua" / wanted.group.to_text();
}

/// core_alua_store_access_type, target_core_alua.c, 6.1: written as a number, read as a word.
Entry& add_type(Tree& tree, const Path& group, const std::string& name) {
    auto& type = tree.value(group / "alua_access_type", "1", "ALUA type of " + name);
    type.reads = "Implicit";
    return type;
}

}  // namespace

void add_state(Tree& tree, const Path& device, const Alua& wanted) {
    tree.value(device / "alua" / default_group / "alua_access_state", wanted.state.number(),
               "ALUA state of the default group")
        .vital = false;
    tree.value(directory(device, wanted) / "alua_access_state", wanted.state.number(),
               "ALUA state");
}

void add_group(Tree& tree, const Path& device, const Alua& wanted) {
    const auto group = directory(device, wanted);
    const auto name = "ALUA group " + wanted.group.to_text();
    const auto number = std::to_string(wanted.number);
    add_type(tree, device / "alua" / default_group, "the default group").vital = false;
    tree.directory(group, name);
    // The kernel takes a number only once.
    tree.value(group / "tg_pt_gp_id", number, "number of " + name).step.refusal = {
        Kind::failed, "alua_group_id=" + text::quoted(number) + ": expected a free number: " +
                          name + " or another one of this unit has one already"};
    add_type(tree, group, name);
    add_state(tree, device, wanted);
}

void add_member(Tree& tree, const Path& device, const Path& lun, const Alua& wanted) {
    auto& member = tree.value(lun / "alua_tg_pt_gp", wanted.group.to_text(),
                              "ALUA group of " + lun.filename().string());
    // Beside the name, what shows at the LUN has the state, and an older state that was left.
    member.read_at = directory(device, wanted) / "members";
    const auto portal_group = lun.parent_path().parent_path();
    member.reads = "iSCSI/" + portal_group.parent_path().filename().string() + "/" +
                   portal_group.filename().string() + "/" + lun.filename().string();
}

bool has_state(const Configfs& configfs, const Path& device, const Alua& wanted) {
    return configfs.find(directory(device, wanted) / "alua_access_state") == wanted.state.number();
}

std::vector<Path> groups(const Configfs& configfs, const Path& device) {
    std::vector<Path> found;
    for (const auto& name :
         configfs.find_entries(device / "alua").value_or(std::vector<std::string>{}))
        if (name != default_group) found.push_back(device / "alua" / name);
    return found;
}

}  // namespace alua
}  // namespace san
