// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/fake_scst.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

#include "base/text.hpp"
#include "support/source_directory.hpp"

namespace san::test {

namespace {

const std::string mark = "[key]\n";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Attributes of the core's targets; the iSCSI driver's own have one more line end.
bool is_drivers(const std::string& path) {
    static const std::set<std::string> cores{"rel_tgt_id", "addr_method", "io_grouping_type",
                                             "cpu_mask",   "comment",     "aen_disabled"};
    const auto name = path.substr(path.rfind('/') + 1);
    return path.ends_with("/filename") ||
           (path.starts_with("targets/iscsi/") && !cores.contains(name));
}

}  // namespace

const std::map<std::string, Fake_scst::Entry>& Fake_scst::recorded(const std::string& tree) {
    static std::map<std::string, std::map<std::string, Entry>> trees;
    auto& found = trees[tree];
    if (!found.empty()) return found;
    std::ifstream in{source_directory() + "/tests/data/scst/tree-" + tree + ".txt"};
    if (!in) throw std::logic_error{"there is no recorded tree " + tree};
    Entry* last = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("    |")) {
            auto text = line.substr(5);
            const auto cut = text.find("<no newline>");
            last->text += cut == std::string::npos ? text + "\n" : text.substr(0, cut);
        } else if (line.starts_with("d ")) {
            last = &found[line.substr(2, line.size() - 3)];
            last->kind = 'd';
        } else if (line.starts_with("l ")) {
            const auto arrow = line.find(" -> ");
            last = &found[line.substr(2, arrow - 2)];
            *last = {.kind = 'l', .text = line.substr(arrow + 4)};
        } else if (line.starts_with("f ")) {
            last = &found[line.substr(6)];
            last->mode = static_cast<unsigned>(std::stoi(line.substr(2, 3), nullptr, 8));
        }
    }
    for (auto& [path, entry] : found) entry.initial = first_line(entry.text);
    return found;
}

void Fake_scst::grow(const std::string& tree, const std::string& from, const std::string& to) {
    const auto& all = recorded(tree);
    if (!from.empty()) entries_[to] = {.kind = 'd'};
    for (const auto& [path, entry] : all) {
        if (from.empty())
            entries_[path] = entry;
        else if (path.starts_with(from + "/"))
            entries_[to + path.substr(from.size())] = entry;
    }
}

std::string Fake_scst::resolve(const std::string& path) const {
    if (path.ends_with('/')) return resolve(path.substr(0, path.size() - 1));
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const auto found = entries_.find(path.substr(0, end));
        if (end == std::string::npos || found == entries_.end() || found->second.kind != 'l')
            continue;
        const auto at = Path{found->first}.parent_path() / found->second.text;
        return resolve(at.lexically_normal().string() + path.substr(end));
    }
    return path;
}

const Fake_scst::Entry* Fake_scst::find_entry(const Path& path) const {
    static const Entry root{.kind = 'd'};
    if (path.empty()) return is_loaded() ? &root : nullptr;
    const auto found = entries_.find(resolve(path.string()));
    return found == entries_.end() ? nullptr : &found->second;
}

Fake_scst::Words Fake_scst::children(const std::string& directory) const {
    Words found;
    const auto prefix = directory.empty() ? "" : directory + "/";
    for (auto at = entries_.lower_bound(prefix);
         at != entries_.end() && at->first.starts_with(prefix); ++at)
        if (at->first.find('/', prefix.size()) == std::string::npos)
            found.push_back(at->first.substr(prefix.size()));
    return found;
}

void Fake_scst::erase(const std::string& path) {
    entries_.erase(path);
    const auto prefix = path + "/";
    auto at = entries_.lower_bound(prefix);
    while (at != entries_.end() && at->first.starts_with(prefix)) at = entries_.erase(at);
}

void Fake_scst::link(const std::string& at, const std::string& target) {
    const auto text = Path{target}.lexically_relative(Path{at}.parent_path()).string();
    entries_[at] = {.kind = 'l', .text = text};
}

std::string Fake_scst::value(const std::string& path) const {
    const auto found = entries_.find(path);
    return found == entries_.end() ? "" : first_line(found->second.text);
}

void Fake_scst::set(const std::string& path, const std::string& value) {
    set(path, value, value != entries_[path].initial);
}

void Fake_scst::set(const std::string& path, const std::string& value, bool marked) {
    auto& entry = entries_[path];
    if (entry.mode == 0) entry.mode = 0644;
    entry.text = value + "\n" + (marked ? mark : "");
    if (marked && is_drivers(path)) entry.text += "\n";
}

std::optional<Fake_scst::Pairs> Fake_scst::pairs(const std::string& text) {
    Pairs found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(';', at), text.size());
        const auto word = std::string{text::trimmed(text.substr(at, end - at))};
        at = end + 1;
        if (word.empty()) continue;
        const auto sign = word.find('=');
        if (sign == std::string::npos || word.find(' ') != std::string::npos) return {};
        found.emplace_back(word.substr(0, sign), word.substr(sign + 1));
    }
    return found;
}

// ---- Scst_tree

std::vector<std::string> Fake_scst::names(const Path& directory) const {
    return children(resolve(directory.string()));
}

std::optional<Fake_scst::Path> Fake_scst::find_link(const Path& link) const {
    const auto at = resolve(link.string());
    const auto found = entries_.find(at);
    if (found == entries_.end() || found->second.kind != 'l') return {};
    return (Path{at}.parent_path() / found->second.text).lexically_normal();
}

Fake_scst::Answer Fake_scst::read(const Path& attribute) const {
    if (!is_loaded()) return {.errnum = ENOENT};
    if (attribute == "last_sysfs_mgmt_res") {
        if (waiting_ > 0 && !stuck.empty()) return {.errnum = EAGAIN};
        if (!queue_.empty()) {
            if (reads_left_ > 0) {
                --reads_left_;
                return {.errnum = EAGAIN};
            }
            finish();
        }
        return {.text = std::to_string(last_) + "\n"};
    }
    const auto* entry = find_entry(attribute);
    if (entry == nullptr) return {.errnum = ENOENT};
    if (entry->kind != 'f') return {.errnum = EISDIR};
    if ((entry->mode & 0444) == 0) return {.errnum = EACCES};
    if (entry->unreadable != 0) return {.errnum = entry->unreadable};
    if (attribute.filename() == "filename" && slow_reads > 0) {
        --slow_reads;
        return {.errnum = EAGAIN};
    }
    return {.text = entry->text};
}

std::shared_ptr<void> Fake_scst::lock() {
    if (is_locked) throw std::logic_error{"the lock of SCST is taken twice"};
    is_locked = true;
    return {this, [](Fake_scst* tree) { tree->is_locked = false; }};
}

bool Fake_scst::is_queued(const std::string& path) {
    if (path == "device_groups/mgmt") return false;
    if (path.ends_with("/mgmt") || path == "threads") return true;
    const auto name = path.substr(path.rfind('/') + 1);
    const auto is_in = [&](const char* folder, std::size_t depth) {
        return path.starts_with(folder) &&
               std::count(path.begin(), path.end(), '/') == static_cast<std::ptrdiff_t>(depth);
    };
    if (is_in("devices/", 2))
        return std::set<std::string>{"active",      "resync_size",       "threads_num",
                                     "filename",    "threads_pool_type", "cluster_mode",
                                     "pr_file_name"}
            .contains(name);
    if (is_in("targets/iscsi/", 3)) return name == "enabled" || name == "rel_tgt_id";
    return path.starts_with("device_groups/") && (name == "state" || name == "preferred");
}

int Fake_scst::write(const Path& attribute, std::string_view data) {
    before(attribute, data);
    const auto errnum = take(attribute, data);
    after();
    return errnum;
}

int Fake_scst::take(const Path& attribute, std::string_view data) {
    asked.emplace_back(attribute.string(), data);
    const auto path = resolve(attribute.string());
    const auto found = entries_.find(path);
    opened_ = false;
    if (found == entries_.end()) return ENOENT;
    if (found->second.kind == 'd') return EISDIR;
    if ((found->second.mode & 0222) == 0) return EACCES;
    opened_ = true;
    // sysfs passes nothing on.
    if (data.empty()) return 0;
    auto text = std::string{data};
    if (text.ends_with('\n')) text.pop_back();
    for (const auto& words : refuses)
        if (text.starts_with(words)) return EIO;
    if (!is_queued(path)) return apply(path, text);
    if (const auto errnum = refusal(path, text)) return errnum;
    // What was interrupted is done, and its result is the last: as recorded.
    const bool was_interrupted = !queue_.empty();
    if (was_interrupted) finish();
    if (queues || interrupted_writes > 0) {
        queue_.push_back({path, text});
        reads_left_ = busy_reads;
        if (queues) return EAGAIN;
        --interrupted_writes;
        return EINTR;
    }
    const auto errnum = apply(path, text);
    if (!was_interrupted) last_ = -errnum;
    return errnum;
}

/// Errors that are seen before anything is queued.
int Fake_scst::refusal(const std::string& path, const std::string& text) const {
    if (path.ends_with("/threads_num") && !text::number<unsigned>(text)) return EINVAL;
    if (path.ends_with("/threads_pool_type") && text != "shared" && text != "per_initiator")
        return EINVAL;
    if (path.ends_with("/pr_file_name") &&
        value(path.substr(0, path.rfind('/')) + "/cluster_mode") == "1")
        return EPERM;
    return 0;
}

int Fake_scst::finish() const {
    // What is read changes by what was written before.
    auto& self = const_cast<Fake_scst&>(*this);
    const auto all = std::move(queue_);
    queue_.clear();
    for (const auto& one : all) last_ = -self.apply(one.path, one.text);
    return last_;
}

void Fake_scst::wait_for(const std::string& device) {
    if (!stuck.contains(device)) return;
    ++waiting_;
    if (meanwhile) meanwhile();
    while (stuck.contains(device)) ::pause();
    --waiting_;
}

int Fake_scst::apply(const std::string& path, const std::string& text) {
    const Path at{path};
    const auto folder = at.parent_path().string();
    const auto name = at.filename().string();
    if (path.starts_with("handlers/") && name == "mgmt")
        return manage_handler(at.parent_path().filename(), text);
    if (path.starts_with("devices/")) return set_device(at.parent_path().filename(), name, text);
    if (path.starts_with("device_groups/")) {
        if (name == "mgmt") return manage_device_groups(folder, text);
        return set_target_group(folder, name, text);
    }
    if (path == "targets/iscsi/mgmt") return manage_driver(text);
    if (path == "targets/iscsi/enabled") {
        if (text != "0" && text != "1") return EINVAL;
        entries_[path].text = text + "\n\n";
        return 0;
    }
    if (folder.ends_with("/luns") && name == "mgmt") return manage_luns(folder, text);
    if (folder.ends_with("/ini_groups") && name == "mgmt") return manage_groups(folder, text);
    if (folder.ends_with("/initiators") && name == "mgmt") return manage_initiators(folder, text);
    if (name == "force_close") return close(folder);
    if (Path{folder}.parent_path() == "targets/iscsi") return set_target(folder, name, text);
    if (name != "trace_level" && name != "suspend") set(path, text);
    return 0;
}

// ---- what happens to it

void Fake_scst::load() {
    grow("01-no-daemon", "", "");
    for (const auto& handler : children("handlers")) erase("handlers/" + handler);
}

void Fake_scst::load_handlers() {
    if (!is_loaded()) load();
    grow("01-no-daemon", "handlers", "handlers");
}

void Fake_scst::start_daemon() { grow("02-daemon-started", "targets/iscsi", "targets/iscsi"); }

void Fake_scst::kill_daemon() {
    for (const auto& name : children("targets/iscsi"))
        if (is_there("targets/iscsi/" + name + "/luns")) {
            const auto target = "targets/iscsi/" + name;
            for (const auto& session : children(target + "/sessions"))
                erase(target + "/sessions/" + session);
            remove_target(name);
        }
    erase("targets/iscsi");
    grow("01-no-daemon", "targets/iscsi", "targets/iscsi");
}

std::string Fake_scst::everything() const {
    std::string all;
    for (const auto& [path, entry] : entries_)
        if (path.starts_with("devices/") || path.starts_with("targets/iscsi/") ||
            path.starts_with("device_groups/"))
            all += path + (entry.kind == 'd' ? "/" : " " + entry.text) + "\n";
    return all;
}

}  // namespace san::test
