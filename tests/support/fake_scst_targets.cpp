// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>
#include <fnmatch.h>

#include "base/text.hpp"
#include "support/fake_scst.hpp"

namespace san::test {

namespace {

const std::string driver = "targets/iscsi";

/// What a name becomes in the tree.
std::string shown(std::string name) {
    std::replace(name.begin(), name.end(), '/', '!');
    return name;
}

bool matches(const std::string& pattern, const std::string& name) {
    if (pattern.starts_with('!')) return !matches(pattern.substr(1), name);
    return ::fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

/// What the daemon takes for the parameters of a target; those of which the recorded writes speak.
int refusal_of(const std::string& attribute, const std::string& text) {
    static const std::map<std::string, std::pair<long, long>> ranges{
        {"QueuedCommands", {1, 512}},       {"NopInInterval", {0, 90}},
        {"NopInTimeout", {1, 150}},         {"RspTimeout", {10, 90}},
        {"MaxSessions", {0, 65535}},        {"FirstBurstLength", {512, 16777215}},
        {"MaxBurstLength", {512, 16777215}}};
    if (const auto range = ranges.find(attribute); range != ranges.end()) {
        const auto number = text::number<long>(text);
        if (!number || *number < range->second.first || *number > range->second.second)
            return EINVAL;
    }
    const std::set<std::string> yes_or_no{"InitialR2T", "ImmediateData"};
    return yes_or_no.contains(attribute) && text != "Yes" && text != "No" ? EINVAL : 0;
}

}  // namespace

int Fake_scst::manage_driver(const std::string& text) {
    const auto words = text::words(text);
    if (words.empty()) return EINVAL;
    if (value(driver + "/open_state") != "open") return EPERM;
    const auto& command = words[0];
    if (words.size() < 2) return EINVAL;
    if (command == "add_target")
        return add_target(words[1], text.substr(text.find(words[1]) + words[1].size()));
    if (command == "del_target") return remove_target(words[1]);
    if (command == "add_attribute" || command == "del_attribute")
        return change_list(command, driver, {words.begin() + 1, words.end()});
    if (command != "add_target_attribute" && command != "del_target_attribute") return EINVAL;
    const auto target = driver + "/" + shown(words[1]);
    if (!is_there(target + "/luns")) return ENOENT;
    return change_list(command, target, {words.begin() + 2, words.end()});
}

int Fake_scst::add_target(const std::string& name, const std::string& rest) {
    const auto target = driver + "/" + shown(name);
    if (is_there(target)) return EEXIST;
    // After half a minute.
    if (daemon_hangs) return EBUSY;
    const auto given = pairs(rest);
    if (!given) return EINVAL;
    const std::string model = driver + "/iqn.2016-06.com.example:disk2";
    for (const auto& [key, value] : *given)
        if (!recorded("05-target").contains(model + "/" + key)) return EINVAL;
    grow("05-target", model, target);
    entries_[target + "/tid"].text = std::to_string(++targets_) + "\n";
    for (const auto& [key, value] : *given) set(target + "/" + key, value);
    return 0;
}

int Fake_scst::remove_target(const std::string& name) {
    const auto target = driver + "/" + shown(name);
    if (!is_there(target + "/luns")) return ENOENT;
    if (!children(target + "/sessions").empty()) return EBUSY;
    for (const auto& group : children(target + "/ini_groups"))
        if (group != "mgmt") manage_luns(target + "/ini_groups/" + group + "/luns", "clear");
    manage_luns(target + "/luns", "clear");
    erase(target);
    return 0;
}

int Fake_scst::change_list(const std::string& command, const std::string& owner,
                           const Words& words) {
    const bool adds = command.starts_with("add");
    if (words.size() < 2) return EINVAL;
    const auto& kind = words[0];
    const bool is_account = kind == "IncomingUser" || kind == "OutgoingUser";
    if (!is_account && (kind != "allowed_portal" || owner == driver)) return EINVAL;
    auto text = words[1];
    if (is_account && adds) {
        // At least 12 letters: account_add, iscsi-scst/usr/config.c.
        if (words.size() != 3 || words[2].size() < 12) return EINVAL;
        text += " " + words[2];
    }
    if (adds) return add_account(owner, kind, words[1], text);
    for (const auto& name : children(owner)) {
        const auto at = owner + "/" + name;
        if (!name.starts_with(kind) || entries_.at(at).unreadable != 0) continue;
        if (is_account ? !value(at).starts_with(words[1] + " ") : value(at) != words[1]) continue;
        erase(at);
        return 0;
    }
    return is_account ? ENOENT : EINVAL;
}

int Fake_scst::add_account(const std::string& owner, const std::string& kind,
                           const std::string& name, const std::string& text) {
    unsigned number = 0;
    const auto place = [&] {
        return owner + "/" + kind + (number == 0 ? "" : std::to_string(number));
    };
    if (kind == "OutgoingUser" && is_there(place())) {
        // From now on the first one cannot be read either.
        entries_[place()].unreadable = EINVAL;
        return EEXIST;
    }
    for (const auto& one : children(owner))
        if (one.starts_with(kind) &&
            (kind == "allowed_portal" ? value(owner + "/" + one) == text
                                      : value(owner + "/" + one).starts_with(name + " ")))
            return EINVAL;
    while (is_there(place())) ++number;
    set(place(), text, true);
    return 0;
}

int Fake_scst::set_target(const std::string& target, const std::string& attribute,
                          const std::string& text) {
    const auto at = target + "/" + attribute;
    if (attribute == "rel_tgt_id") {
        const auto number = text::number<unsigned>(text);
        if (!number || *number > 65535) return EINVAL;
    }
    if (const auto errnum = refusal_of(attribute, text)) return errnum;
    if (attribute.ends_with("Digest")) {
        const auto has = [&](const char* word) { return text.find(word) != std::string::npos; };
        set(at, has("None") && has("CRC32C") ? "None,CRC32C" : text);
        return 0;
    }
    if (attribute != "enabled") {
        set(at, text);
        return 0;
    }
    if (text == "1" && value(at) == "0") {
        std::set<std::string> taken;
        for (const auto& other : children(driver))
            if (value(driver + "/" + other + "/enabled") == "1")
                taken.insert(value(driver + "/" + other + "/rel_tgt_id"));
        if (taken.contains(value(target + "/rel_tgt_id"))) return EBADSLT;
        unsigned free = 1;
        while (taken.contains(std::to_string(free))) ++free;
        if (value(target + "/rel_tgt_id") == "0") set(target + "/rel_tgt_id", std::to_string(free));
    }
    entries_[at].text = text + "\n";
    return 0;
}

// ---- LUNs

void Fake_scst::add_lun(const std::string& luns, const std::string& number,
                        const std::string& device, bool read_only) {
    const auto at = luns + "/" + number;
    entries_[at] = {.kind = 'd'};
    link(at + "/device", "devices/" + device);
    entries_[at + "/read_only"] = {.mode = 0444, .text = read_only ? "1\n[key]\n" : "0\n"};
    link("devices/" + device + "/exported/export" + std::to_string(exports_[device]++), at);
}

void Fake_scst::remove_lun(const std::string& luns, const std::string& number) {
    const auto at = luns + "/" + number;
    const auto exported = find_link(at + "/device")->string() + "/exported";
    for (const auto& one : children(exported))
        if (find_link(exported + "/" + one) == at) erase(exported + "/" + one);
    erase(at);
}

int Fake_scst::manage_luns(const std::string& luns, const std::string& text) {
    const auto words = text::words(text);
    if (words.empty()) return EINVAL;
    const auto remove = [&](const std::string& number) {
        wait_for(find_link(luns + "/" + number + "/device")->filename());
        remove_lun(luns, number);
    };
    if (words[0] == "clear") {
        for (const auto& number : children(luns))
            if (number != "mgmt") remove(number);
        return 0;
    }
    const auto is_number = [](const std::string& word) {
        return text::number<unsigned>(word).value_or(16384) < 16384;
    };
    if (words[0] == "del") {
        if (words.size() != 2 || !is_number(words[1]) || !is_there(luns + "/" + words[1]))
            return EINVAL;
        remove(words[1]);
        return 0;
    }
    const bool replaces = words[0] == "replace" || words[0] == "replace_no_ua";
    if ((words[0] != "add" && !replaces) || words.size() < 3 || !is_number(words[2]) ||
        !is_there("devices/" + words[1] + "/handler"))
        return EINVAL;
    bool read_only = false;
    for (std::size_t at = 3; at < words.size(); ++at) {
        if (words[at] != "read_only=1" && words[at] != "read_only=0") return EINVAL;
        read_only = words[at].back() == '1';
    }
    if (is_there(luns + "/" + words[2])) {
        if (!replaces) return EEXIST;
        remove(words[2]);
    }
    add_lun(luns, words[2], words[1], read_only);
    return 0;
}

// ---- groups of initiators, and sessions

int Fake_scst::manage_groups(const std::string& groups, const std::string& text) {
    const auto words = text::words(text);
    if (words.size() != 2) return EINVAL;
    const auto group = groups + "/" + shown(words[1]);
    if (words[0] == "create") {
        if (is_there(group)) return EEXIST;
        const std::string model = "targets/iscsi/iqn.2016-06.com.example:disk1/ini_groups/other";
        grow("09-groups", model, group);
        for (const auto& name : children(group + "/initiators"))
            if (name != "mgmt") erase(group + "/initiators/" + name);
        return 0;
    }
    if (words[0] != "del" || !is_there(group)) return EINVAL;
    const auto target = Path{groups}.parent_path().string();
    for (const auto& session : children(target + "/sessions"))
        if (find_link(target + "/sessions/" + session + "/luns") == group + "/luns") return EBUSY;
    manage_luns(group + "/luns", "clear");
    erase(group);
    return 0;
}

int Fake_scst::manage_initiators(const std::string& initiators, const std::string& text) {
    const auto words = text::words(text);
    if (words.empty()) return EINVAL;
    const auto target = Path{initiators}.parent_path().parent_path().parent_path().string();
    if (words[0] == "clear") {
        for (const auto& name : children(initiators))
            if (name != "mgmt") erase(initiators + "/" + name);
        regroup(target);
        return 0;
    }
    if (words.size() < 2) return EINVAL;
    const auto at = initiators + "/" + shown(words[1]);
    if (words[0] == "add") {
        if (is_there(at)) return EEXIST;
        entries_[at] = {.mode = 0444, .text = words[1] + "\n"};
    } else if (words[0] == "del") {
        if (!is_there(at)) return EINVAL;
        erase(at);
    } else if (words[0] == "move") {
        if (words.size() != 3 || !is_there(at)) return EINVAL;
        const auto there = target + "/ini_groups/" + words[2] + "/initiators";
        if (!is_there(there)) return EINVAL;
        if (is_there(there + "/" + shown(words[1]))) return EEXIST;
        entries_[there + "/" + shown(words[1])] = entries_[at];
        erase(at);
    } else
        return EINVAL;
    regroup(target);
    return 0;
}

std::string Fake_scst::luns_of(const std::string& target, const std::string& initiator) const {
    for (const auto& group : children(target + "/ini_groups")) {
        const auto initiators = target + "/ini_groups/" + group + "/initiators";
        for (const auto& name : children(initiators))
            if (name != "mgmt" && matches(value(initiators + "/" + name), initiator))
                return target + "/ini_groups/" + group + "/luns";
    }
    return target + "/luns";
}

/// Whoever is in another group now is shown its LUNs at once.
void Fake_scst::regroup(const std::string& target) {
    for (const auto& session : children(target + "/sessions")) {
        const auto at = target + "/sessions/" + session;
        link(at + "/luns", luns_of(target, value(at + "/initiator_name")));
    }
}

void Fake_scst::log_in(const std::string& target, const std::string& initiator, unsigned commands) {
    const auto all = driver + "/" + target + "/sessions";
    auto at = all + "/" + initiator;
    for (int number = 1; is_there(at); ++number)
        at = all + "/" + initiator + "_" + std::to_string(number);
    grow("15-stuck", driver + "/iqn.2016-06.com.example:disk1/sessions/iqn.1994-05.com.redhat:io",
         at);
    entries_[at + "/initiator_name"].text = initiator + "\n";
    entries_[at + "/active_commands"].text = std::to_string(commands) + "\n";
    regroup(driver + "/" + target);
}

void Fake_scst::log_out(const std::string& target, const std::string& session) {
    erase(driver + "/" + target + "/sessions/" + session);
}

std::vector<std::string> Fake_scst::sessions(const std::string& target) const {
    return children(driver + "/" + target + "/sessions");
}

/// It goes when its last command has come back.
int Fake_scst::close(const std::string& session) {
    if (stuck.empty() || value(session + "/active_commands") == "0") erase(session);
    return 0;
}

}  // namespace san::test
