// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_picture.hpp"

#include <algorithm>

#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/writing.hpp"
#include "kernel/drbd_words.hpp"
#include "kernel/files.hpp"

namespace san::replica_picture {

namespace {

/// The minor that a line of /proc/drbd begins with, " 0: cs:...", or nothing.
std::string minor_in(std::string_view line) {
    const auto trimmed = text::trimmed(line);
    const auto colon = trimmed.find(':');
    if (colon == std::string_view::npos || trimmed.substr(colon).find(": cs:") != 0) return {};
    const auto number = trimmed.substr(0, colon);
    return text::number<unsigned>(number) ? std::string{number} : std::string{};
}

std::string asked(const std::string& name, System& node, const Deadline& deadline) {
    const Shared_text picture;
    node.bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("DRBD's module to tell its state");
        const auto resource = node.drbd.find(name);
        picture.write(resource ? of(*resource) : "    " + name + " is not configured.\n");
        return Change::none;
    });
    return picture.read();
}

}  // namespace

std::string of(const drbd::Resource& resource) {
    std::string text = "    " + resource.name + " role:" + drbd::word(resource.role) +
                       (resource.suspended ? " suspended:yes" : "") +
                       (resource.failing_io ? " force-io-failures:yes" : "") + "\n";
    for (const auto& volume : resource.volumes)
        text += "      volume:" + std::to_string(volume.number) +
                " minor:" + std::to_string(volume.minor) + " disk:" + drbd::word(volume.disk) +
                (volume.has_quorum ? "" : " quorum:no") + "\n";
    for (const auto& peer : resource.peers) {
        text += "      " + (peer.name.empty() ? std::string{"peer"} : peer.name) +
                " connection:" + word(peer.connection) + " role:" + drbd::word(peer.role) + "\n";
        for (const auto& volume : peer.volumes)
            text += "        volume:" + std::to_string(volume.volume) +
                    " replication:" + volume.replication + " peer-disk:" + drbd::word(volume.disk) +
                    "\n";
    }
    return text;
}

std::string of_proc(const std::string& proc, const std::vector<std::string>& minors) {
    std::string text;
    bool wanted = false;
    for (std::size_t begin = 0; begin < proc.size();) {
        const auto end = std::min(proc.find('\n', begin), proc.size());
        const auto line = proc.substr(begin, end - begin);
        begin = end + 1;
        if (const auto minor = minor_in(line); !minor.empty())
            wanted =
                minors.empty() || std::find(minors.begin(), minors.end(), minor) != minors.end();
        if (wanted && !text::trimmed(line).empty()) text += "    " + line + "\n";
    }
    return text;
}

std::string take(const std::string& resource, const std::vector<std::string>& minors, System& node,
                 const Deadline& deadline) try {
    const auto proc = node.files.find("/proc/drbd");
    if (!proc) return "    DRBD's module is not loaded.\n";
    // "version: 8.4.11 (api:1/proto:86-101)"; 9 says api:2 and has no lines of devices.
    if (proc->substr(0, proc->find('\n')).find("(api:1/") == std::string::npos)
        return asked(resource, node, deadline);
    const auto lines = of_proc(*proc, minors);
    return lines.empty() ? "    /proc/drbd does not show " + resource + ".\n" : lines;
} catch (const Error& problem) {
    return std::string{"    It could not be read: "} + problem.what() + "\n";
}

}  // namespace san::replica_picture
