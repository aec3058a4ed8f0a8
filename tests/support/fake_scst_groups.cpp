// SPDX-License-Identifier: GPL-2.0-or-later
// Groups of devices, by which SCST has ALUA.
#include <cerrno>

#include "base/text.hpp"
#include "support/fake_scst.hpp"

namespace san::test {

namespace {

const std::string root = "device_groups";
const std::string model = "device_groups/dg1";

}  // namespace

int Fake_scst::manage_device_groups(const std::string& path, const std::string& text) {
    const auto words = text::words(text);
    if (words.size() != 2) return EINVAL;
    const bool adds = words[0] == "add" || words[0] == "create";
    if (!adds && words[0] != "del") return EINVAL;
    const auto at = path + "/" + words[1];
    if (!adds) {
        if (!is_there(at)) return EINVAL;
        erase(at);
        return 0;
    }
    const auto name = Path{path}.filename();
    if (path == root) {
        if (is_there(at)) return EEXIST;
        for (const auto* folder : {"", "/devices", "/target_groups"})
            entries_[at + folder] = {.kind = 'd'};
        for (const auto* file : {"/devices/mgmt", "/target_groups/mgmt"})
            entries_[at + file] = recorded("12-device-groups").at(model + file);
    } else if (name == "devices") {
        if (!is_there("devices/" + words[1])) return EINVAL;
        for (const auto& group : children(root))
            if (is_there(root + "/" + group + "/devices/" + words[1])) return EEXIST;
        link(at, "devices/" + words[1]);
    } else if (name == "target_groups") {
        if (is_there(at)) return EEXIST;
        entries_[at] = {.kind = 'd'};
        entries_[at + "/mgmt"] =
            recorded("12-device-groups").at(model + "/target_groups/tg_a/mgmt");
        set(at + "/group_id", "0", false);
        set(at + "/preferred", "0", false);
        // The mark is there from the beginning.
        set(at + "/state", "active", true);
        entries_[at + "/preferred"].initial = std::string(1, '0');
    } else {
        const auto groups = Path{path}.parent_path().string();
        for (const auto& group : children(groups))
            if (is_there(groups + "/" + group + "/" + words[1])) return EEXIST;
        if (is_there("targets/iscsi/" + words[1])) {
            link(at, "targets/iscsi/" + words[1]);
        } else {
            entries_[at] = {.kind = 'd'};
            set(at + "/rel_tgt_id", "0", true);
        }
    }
    return 0;
}

int Fake_scst::set_target_group(const std::string& group, const std::string& attribute,
                                const std::string& text) {
    const auto at = group + "/" + attribute;
    if (attribute == "group_id" || attribute == "rel_tgt_id") {
        if (text::number<unsigned>(text).value_or(65536) > 65535) return EINVAL;
        set(at, text, true);
        return 0;
    }
    if (attribute == "preferred") {
        if (text != "0" && text != "1") return EINVAL;
        set(at, text);
        return 0;
    }
    const std::set<std::string> closed{"standby", "unavailable", "offline", "transitioning"};
    if (!closed.contains(text) && text != "active" && text != "nonoptimized") return EINVAL;
    set(at, text, true);
    bool is_local = false;
    for (const auto& name : children(group)) is_local |= entries_[group + "/" + name].kind == 'l';
    const auto devices = Path{group}.parent_path().parent_path() / "devices";
    if (is_local)
        for (const auto& name : children(devices.string()))
            if (value("devices/" + name + "/bind_alua_state") == "1")
                set("devices/" + name + "/active", closed.contains(text) ? "0" : "1");
    return 0;
}

}  // namespace san::test
