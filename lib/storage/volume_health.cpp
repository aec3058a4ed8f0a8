// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/volume_health.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "storage/device_state.hpp"

namespace san::volume_group {

namespace {

/// Which targets have nothing to say of themselves.
bool is_silent(const Mapping& line) {
    static constexpr std::array<std::string_view, 4> silent{"linear", "striped", "error", "zero"};
    return std::find(silent.begin(), silent.end(), line.type) != silent.end();
}

/// Targets that go on when something below fails, and say so themselves.
bool is_redundant(const Mapping& line) { return line.type == "raid" || line.type == "mirror"; }

/// How many parts a raid of that type may lose. Of raid10 more can be lost, when they are the right
/// ones; then the kernel says nothing else than when they are the wrong ones.
std::size_t spare_parts(const std::string& type, std::size_t parts) {
    if (type == "raid1") return parts - 1;
    if (type == "raid10") return parts / 2;
    if (type.starts_with("raid4") || type.starts_with("raid5")) return 1;
    return type.starts_with("raid6") ? 2 : 0;
}

/// "raid1 2 Aa 2048/2048 idle 0 0 -": one letter for each part, D for a dead one.
std::string raid_fault(const std::vector<std::string>& words) {
    if (words.size() < 3) return {};
    const auto& health = words[2];
    const auto dead = static_cast<std::size_t>(std::count(health.begin(), health.end(), 'D'));
    if (health.empty() || dead <= spare_parts(words[0], health.size())) return {};
    return "has lost " + std::to_string(dead) + " of " + std::to_string(health.size()) + " parts";
}

/// "2 253:1 253:2 1/1 1 AD 3 disk 253:0 A": A for a part that is alive.
std::string mirror_fault(const std::vector<std::string>& words) {
    const auto parts = text::number<std::size_t>(words.empty() ? "" : words[0]).value_or(0);
    if (parts == 0 || words.size() < parts + 4) return {};
    if (words[parts + 3].find('A') != std::string::npos) return {};
    return "has lost all of its " + std::to_string(parts) + " parts";
}

/// What a target says of itself; empty when it is well.
std::string fault(const Mapping& status) {
    if (device_state::has_given_up(status)) return "answers with errors";
    const auto words = text::words(status.parameters);
    if (status.type == "raid") return raid_fault(words);
    if (status.type == "mirror") return mirror_fault(words);
    // "1 12/1024 10/100 - rw no_discard_passdown queue_if_no_space -"
    if (status.type == "thin-pool" && words.size() > 4) {
        if (words[4] == "ro") return "is read-only";
        if (words[4] == "out_of_data_space") return "has no space left";
    }
    return {};
}

class Judge {
public:
    Judge(const Members& members, const Files& files, Mapper& mapper, const Tolerated& tolerated)
        : files_{&files}, mapper_{&mapper}, tolerated_{tolerated} {
        for (const auto& device : members) members_[key(device.number)] = &device;
    }

    /// Suspended or bare devices stop what lies on them, redundant or not.
    void look_at(const Mapped_device& device) {
        if (!device.has_live_table) found_.push_back(device.name + " has no table");
        if (device.suspended) found_.push_back(device.name + " is suspended");
    }

    void descend(const Mapped_device& device) {
        if (!seen_.emplace(key(device.number), true).second) return;
        if (!tolerated_.missing_parts &&
            std::any_of(device.table.begin(), device.table.end(),
                        [](const Mapping& line) { return line.type == "error"; }))
            found_.push_back(device.name + " misses a physical volume");
        if (!std::all_of(device.table.begin(), device.table.end(), is_silent)) ask(device);
        if (std::any_of(device.table.begin(), device.table.end(), is_redundant)) return;
        for (const auto& number : device.below) {
            const auto member = members_.find(key(number));
            if (member != members_.end())
                descend(*member->second);
            else if (!tolerated_.missing_parts || files_->exists(directory(number)))
                add_leaf(device, number);
        }
    }

    std::vector<std::string> found() && { return std::move(found_); }

private:
    static std::uint64_t key(const Device_number& number) {
        return (std::uint64_t{number.major} << 32U) | number.minor;
    }
    static std::filesystem::path directory(const Device_number& number) {
        return std::filesystem::path{"/sys/dev/block"} / number.to_text();
    }

    void ask(const Mapped_device& device) {
        const auto lines = mapper_->find_status(device.number);
        for (const auto& line : lines.value_or(std::vector<Mapping>{}))
            if (line.type == "snapshot" && tolerated_.lost_snapshots)
                continue;
            else if (const auto problem = fault(line); !problem.empty())
                found_.push_back(device.name + " " + problem);
    }

    /// Hundreds of volumes lie on a few devices: each is looked at once.
    void add_leaf(const Mapped_device& device, const Device_number& number) {
        if (!seen_.emplace(key(number), true).second) return;
        const auto size = files_->find(directory(number) / "size");
        if (!files_->exists(directory(number)) || (size && text::trimmed(*size) == "0")) {
            found_.push_back(device.name + " lies on device " + number.to_text() +
                             ", which is gone");
            return;
        }
        for (const auto& problem : device_state::faults(number, *files_, *mapper_))
            found_.push_back(device.name + ": " + problem);
    }

    const Files* files_;
    Mapper* mapper_;
    Tolerated tolerated_;
    std::map<std::uint64_t, const Mapped_device*> members_{};
    std::map<std::uint64_t, bool> seen_{};
    std::vector<std::string> found_{};
};

}  // namespace

std::vector<std::string> faults(const Members& members, const Members& whose, const Files& files,
                                Mapper& mapper, const Tolerated& tolerated) {
    Judge judge{members, files, mapper, tolerated};
    for (const auto& device : whose) judge.look_at(device);
    for (const auto& device : tops(whose)) judge.descend(device);
    return std::move(judge).found();
}

}  // namespace san::volume_group
