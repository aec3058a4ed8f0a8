// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_tools.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::replica {

void Tools::must(std::vector<std::string> words) const {
    words.push_back(name_);
    commands_->must(configuration_.drbdadm(words), deadline_);
}

void Tools::load_module() const {
    std::vector<std::string> argv{"modprobe", "drbd"};
    const auto options = commands_->run(configuration_.drbdadm({"sh-mod-parms"}), deadline_);
    if (options.ok())
        for (auto& option : text::words(options.out)) argv.push_back(std::move(option));
    const auto outcome = commands_->run(argv, deadline_);
    if (!outcome.ok())
        throw Error{Kind::not_installed, "kernel module drbd: " + outcome.complaint()};
}

void Tools::adjust(const Module_version& module, const std::string& peer) const {
    // drbdadm of 9 refuses the option.
    if (peer.empty() || module.is_9())
        must({"adjust"});
    else
        must({"--peer", peer, "adjust"});
}

void Tools::attach(const Module_version& module, drbd::Kernel& kernel) const {
    if (module.is_9()) {
        must({"adjust", "--skip-net"});
        return;
    }
    // drbdadm of 8.4 has no such option. The kernel takes the first two as done where they are, but
    // not the third.
    must({"new-resource"});
    must({"new-minor"});
    const auto resource = kernel.find(name_);
    if (!resource || std::any_of(resource->volumes.begin(), resource->volumes.end(),
                                 [](const auto& v) { return v.disk == drbd::Disk::diskless; }))
        must({"attach"});
}

void Tools::outdate() const {
    constexpr int worse_already = 5;  // SS_LOWER_THAN_OUTDATED, as drbdsetup(8) tells it
    const auto outcome = commands_->run(configuration_.drbdadm({"outdate", name_}), deadline_);
    if (!outcome.ok() && outcome.status != worse_already)
        throw Error{Kind::failed, "outdating " + name_ + ": " + outcome.complaint()};
}

bool Tools::allows_two_primaries() const {
    const auto dump = commands_->must(configuration_.drbdadm({"dump", name_}), deadline_);
    // "allow-two-primaries;" or with "yes"; dump leaves nothing else before the semicolon.
    const auto words = text::words(dump.out);
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at] == "allow-two-primaries;") return true;
        if (words[at] == "allow-two-primaries")
            return at + 1 < words.size() && words[at + 1].starts_with("yes");
    }
    return false;
}

void Tools::unfence(const std::string& arguments) const {
    auto argv = configuration_.drbdadm({"unfence-peer", name_});
    // The handlers of drbd-utils, and ours, look for it there.
    argv.insert(argv.begin(), {"env", "OCF_RESKEY_unfence_extra_args=" + arguments});
    commands_->must(argv, deadline_);
}

}  // namespace san::replica
