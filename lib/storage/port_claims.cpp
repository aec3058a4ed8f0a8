// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/port_claims.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace san {

namespace {

constexpr std::array<std::pair<Claim, const char*>, 3> words{
    {{Claim::block, "block"}, {Claim::unblock, "unblock"}, {Claim::closing, "closing"}}};

std::string word(Claim claim) {
    for (const auto& [value, text] : words)
        if (value == claim) return text;
    return {};
}

std::optional<Claim> find_claim(std::string_view text) {
    for (const auto& [value, word] : words)
        if (word == text) return value;
    return {};
}

std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

Port_claims::Port_claims(const Files& files, const std::filesystem::path& directory,
                         const std::string& door)
    : files_{&files}, directory_{directory / door} {}

Change Port_claims::make(Claim claim, const std::string& owner) {
    return files_->replace(path(claim, owner), std::to_string(now()) + "\n");
}

Change Port_claims::withdraw(Claim claim, const std::string& owner) {
    files_->remove(Files::unfinished(path(claim, owner)));
    const auto change = files_->remove(path(claim, owner));
    files_->remove_if_empty(directory_);
    return change;
}

void Port_claims::withdraw_all(Claim claim) {
    for (const auto& entry : all())
        if (entry.claim == claim) files_->remove(path(claim, entry.owner));
    files_->remove_if_empty(directory_);
}

bool Port_claims::has(Claim claim, const std::string& owner) const {
    return files_->exists(path(claim, owner));
}

bool Port_claims::has_newer(Claim kind, Claim claim, const std::string& owner) const {
    std::uint64_t since = 0;
    const auto entries = all();
    for (const auto& entry : entries)
        if (entry.claim == claim && entry.owner == owner) since = entry.since;
    return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.claim == kind && entry.since >= since;
    });
}

bool Port_claims::is_closed_by_others(const std::string& owner) const {
    int more = 0;
    for (const auto& entry : all()) {
        if (entry.owner == owner) continue;
        if (entry.claim == Claim::block) ++more;
        if (entry.claim == Claim::unblock) --more;
    }
    return more > 0;
}

std::vector<Port_claims::Entry> Port_claims::all() const {
    std::vector<Entry> entries;
    for (const auto& name : files_->names(directory_)) {
        const auto dot = name.find('.');
        const auto claim = find_claim(name.substr(0, dot));
        if (!claim || dot == std::string::npos) continue;
        const auto content = files_->find(directory_ / name);
        // Withdrawn meanwhile.
        if (!content) continue;
        entries.push_back({*claim, name.substr(dot + 1),
                           text::number<std::uint64_t>(text::trimmed(*content)).value_or(0)});
    }
    return entries;
}

std::filesystem::path Port_claims::path(Claim claim, const std::string& owner) const {
    return directory_ / (word(claim) + "." + owner);
}

}  // namespace san
