// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_record.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace san::volume_group {

namespace {

// "LVM-", then 32 characters for the group and 32 for the volume.
constexpr std::size_t id_at = 4;
constexpr std::size_t id_size = 32;
constexpr auto backed_up = "backed-up";
constexpr auto unfinished_mark = "unfinished\n";

/// As LVM prints an id: "fF2YES-X5NR-8y4W-TJSJ-3rfh-zyEF-HGCH5T".
std::string printed(std::string_view id) {
    std::string text;
    for (std::size_t at = 0; at < id.size(); ++at) {
        if (at >= 6 && at <= 26 && (at - 6) % 4 == 0) text += '-';
        text += id[at];
    }
    return text;
}

std::string group_id(std::string_view uuid) { return printed(uuid.substr(id_at, id_size)); }
std::string volume_id(std::string_view uuid) {
    return printed(uuid.substr(id_at + id_size, id_size));
}

bool is_whole(std::string_view uuid) { return uuid.size() >= id_at + 2 * id_size; }

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> found;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        found.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

std::string backup(const Files& files, const Vg_name& group) {
    return files.find("/etc/lvm/backup/" + group.to_text()).value_or("");
}

}  // namespace

void Expected::begin() const { files_->replace(file_, unfinished_mark); }

bool Expected::is_unfinished() const { return files_->find(file_) == unfinished_mark; }

bool Expected::is_there() const { return files_->exists(file_); }

void Expected::note(const Vg_name& group, const Members& volumes) const {
    const auto kept = backup(*files_, group);
    std::string text;
    for (const auto& device : volumes) {
        const bool is_kept =
            is_whole(device.uuid) && kept.find(volume_id(device.uuid)) != std::string::npos;
        text +=
            device.uuid + " " + device.name + (is_kept ? " " + std::string{backed_up} : "") + "\n";
    }
    files_->replace(file_, text);
}

void Expected::forget() const {
    files_->remove(file_);
    files_->remove(Files::unfinished(file_));
}

std::vector<std::string> Expected::missing(const Vg_name& group, const Members& members) const {
    std::vector<std::string> found;
    std::optional<std::string> kept;
    for (const auto& line : lines(files_->find(file_).value_or(""))) {
        const auto words = text::words(line);
        if (words.size() < 2 ||
            std::any_of(members.begin(), members.end(),
                        [&](const Mapped_device& device) { return device.uuid == words[0]; }))
            continue;
        if (!kept) kept = backup(*files_, group);
        const bool is_removed = words.size() > 2 && words[2] == backed_up &&
                                kept->find(group_id(words[0])) != std::string::npos &&
                                kept->find(volume_id(words[0])) == std::string::npos;
        if (!is_removed) found.push_back(words[1]);
    }
    return found;
}

Claim Claims::read() const {
    Claim claim;
    for (const auto& line : lines(files_->find(file_).value_or(""))) {
        const auto words = text::words(line);
        if (words.size() != 2) continue;
        if (words[0] == "tag") claim.tag = words[1];
        if (words[0] == "system-id") claim.system_id = words[1];
    }
    return claim;
}

void Claims::note(const Claim& claim) const {
    std::string text;
    if (claim.tag) text += "tag " + *claim.tag + "\n";
    if (claim.system_id) text += "system-id " + *claim.system_id + "\n";
    files_->replace(file_, text);
}

bool Claims::is_there() const {
    return files_->exists(file_) || files_->exists(Files::unfinished(file_));
}

void Claims::forget() const {
    files_->remove(file_);
    files_->remove(Files::unfinished(file_));
}

}  // namespace san::volume_group
