// SPDX-License-Identifier: GPL-2.0-or-later
#include "fuzz/tree.hpp"

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::fuzz {

namespace {

using Entry = Tree_text::Entry;
using enum Entry::Kind;

Error failed(const char* doing, const Configfs::Path& what, int errnum) {
    return system_error(std::string{doing} + " " + what.string(), errnum);
}

/// As a kernel could call it; empty otherwise.
std::string plain_path(std::string_view text, const Tree_text::Shorthands& shorthands) {
    std::string path;
    if (text.size() > 1 && text.front() == '@')
        if (const auto known = shorthands.find(text[1]); known != shorthands.end()) {
            path = known->second;
            text.remove_prefix(2);
        }
    path += text;
    while (path.ends_with('/')) path.pop_back();
    std::string_view rest = path;
    while (!rest.empty()) {
        const auto end = rest.find('/');
        const auto name = rest.substr(0, end);
        if (name.empty() || name == "." || name == "..") return {};
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return path;
}

}  // namespace

Tree_text::Tree_text(std::string_view text, const Shorthands& shorthands) {
    Entry* last = nullptr;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with('\t')) {
            if (last) last->text += "\n" + std::string{line.substr(1)};
            continue;
        }
        const auto arrow = line.find(" -> ");
        const auto value = line.find_first_of("=!");
        const auto path = plain_path(line.substr(0, std::min(arrow, value)), shorthands);
        last = nullptr;
        if (path.empty()) continue;
        if (arrow < value)
            put(path, {link, plain_path(line.substr(arrow + 4), shorthands)});
        else if (value == std::string_view::npos)
            put(path, {directory});
        else if (line[value] == '!')
            put(path, {attribute, {}, text::number<int>(line.substr(value + 1)).value_or(EIO)});
        else
            put(path, {attribute, std::string{line.substr(value + 1)}});
        if (value != std::string_view::npos) last = &entries_[path];
    }
}

const Entry* Tree_text::find(const std::string& path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::string> Tree_text::names(const std::string& directory,
                                          bool with_attributes) const {
    std::vector<std::string> found;
    const auto prefix = directory.empty() ? std::string{} : directory + "/";
    for (auto at = entries_.lower_bound(prefix);
         at != entries_.end() && at->first.starts_with(prefix); ++at)
        if (at->first.find('/', prefix.size()) == std::string::npos &&
            (with_attributes || at->second.kind != attribute))
            found.push_back(at->first.substr(prefix.size()));
    return found;
}

void Tree_text::put(const std::string& path, Entry entry) {
    // Nothing is below what is no directory.
    if (entry.kind != directory) erase(path);
    entries_[path] = std::move(entry);
    // Where one is a directory, all above it are.
    for (auto end = path.rfind('/'); end != std::string::npos; end = path.rfind('/', end - 1)) {
        const auto [parent, is_new] = entries_.try_emplace(path.substr(0, end));
        if (!is_new && parent->second.kind == directory) break;
        parent->second = {};
    }
}

void Tree_text::erase(const std::string& path) {
    entries_.erase(path);
    const auto prefix = path + "/";
    auto at = entries_.lower_bound(prefix);
    while (at != entries_.end() && at->first.starts_with(prefix)) at = entries_.erase(at);
}

// ---- LIO

std::optional<std::string> Text_configfs::find(const Path& path) const {
    const auto* entry = tree_.find(path.native());
    if (!entry) return {};
    if (entry->kind != attribute) throw failed("reading", path, EISDIR);
    if (entry->errnum != 0) throw failed("reading", path, entry->errnum);
    return std::string{text::trimmed(entry->text)};
}

bool Text_configfs::has(const Path& path) const {
    const auto* entry = tree_.find(path.native());
    return entry && entry->kind == directory;
}

std::optional<std::vector<std::string>> Text_configfs::find_entries(const Path& path) const {
    if (!has(path)) return {};
    return tree_.names(path.native(), false);
}

std::optional<Configfs::Path> Text_configfs::find_link(const Path& path) const {
    const auto* entry = tree_.find(path.native());
    if (!entry || entry->kind != Entry::Kind::link) return {};
    return entry->text;
}

void Text_configfs::write(const Path& path, std::string_view value) {
    const auto* entry = tree_.find(path.native());
    if (entry && entry->kind != attribute) throw failed("opening", path, EISDIR);
    if (entry && entry->errnum != 0) throw failed("writing", path, entry->errnum);
    if (!entry && !has(path.parent_path())) throw failed("opening", path, ENOENT);
    tree_.put(path.native(), {attribute, std::string{value}});
}

Change Text_configfs::make(const Path& path) {
    if (tree_.find(path.native())) return Change::none;
    tree_.put(path.native(), {directory});
    return Change::made;
}

Change Text_configfs::remove(const Path& path) {
    const auto* entry = tree_.find(path.native());
    if (!entry) return Change::none;
    if (entry->kind != directory) throw failed("removing", path, ENOTDIR);
    for (const auto& [name, other] : tree_.entries()) {
        if (other.kind != Entry::Kind::link) continue;
        if (other.text == path.native()) throw failed("removing", path, EBUSY);
        if (name.starts_with(path.native() + "/")) throw failed("removing", path, ENOTEMPTY);
    }
    tree_.erase(path.native());
    return Change::made;
}

Change Text_configfs::link(const Path& path, const Path& target) {
    if (find_link(path) == target) return Change::none;
    if (tree_.find(path.native())) throw failed("linking", path, EEXIST);
    tree_.put(path.native(), {Entry::Kind::link, target.native()});
    return Change::made;
}

Change Text_configfs::unlink(const Path& path) {
    const auto* entry = tree_.find(path.native());
    if (!entry) return Change::none;
    if (entry->kind != Entry::Kind::link) throw failed("unlinking", path, EPERM);
    tree_.erase(path.native());
    return Change::made;
}

// ---- SCST

std::optional<Scst_tree::Path> Text_scst::find_link(const Path& path) const {
    const auto* entry = tree_.find(path.native());
    if (!entry || entry->kind != link) return {};
    return entry->text;
}

Scst_tree::Answer Text_scst::read(const Path& path) const {
    const auto* entry = tree_.find(path.native());
    if (!entry) return {.errnum = ENOENT};
    if (entry->kind == directory) return {.errnum = EISDIR};
    return {.errnum = entry->errnum, .text = entry->text};
}

int Text_scst::write(const Path& path, std::string_view data) {
    const auto* entry = tree_.find(path.native());
    if (!entry) return ENOENT;
    if (entry->kind == directory) return EISDIR;
    if (entry->errnum != 0) return entry->errnum;
    const auto parent = path.parent_path();
    if (path.filename() == "mgmt")
        command(parent.native(), text::words(data));
    else if (path.filename() == "force_close")
        tree_.erase(parent.native());
    else
        tree_.put(path.native(), {attribute, std::string{data}});
    return 0;
}

void Text_scst::command(const std::string& manager, const std::vector<std::string>& words) {
    if (words.size() < 2) return;
    const auto& verb = words[0];
    const auto at = manager + "/" + words[1];
    const auto attributes = manager + (words.size() > 2 ? "/" + words[1] + "/" + words[2] : "");
    if (verb == "add_device")
        tree_.put("devices/" + words[1] + "/handler", {link, manager});
    else if (verb == "del_device")
        tree_.erase("devices/" + words[1]);
    else if (verb == "add" && manager.ends_with("luns") && words.size() > 2)
        tree_.put(manager + "/" + words[2] + "/device", {link, "devices/" + words[1]});
    else if (verb == "add_target_attribute" && words.size() > 3)
        tree_.put(attributes, {attribute, words[3]});
    else if (verb == "del_target_attribute")
        tree_.erase(attributes);
    else if (verb.starts_with("del"))
        tree_.erase(at);
    else
        tree_.put(at, {directory});
}

}  // namespace san::fuzz
