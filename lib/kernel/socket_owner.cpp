// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/socket_owner.hpp"

#include "base/text.hpp"
#include "kernel/process_name.hpp"

namespace san {

std::optional<std::string> socket_owner(std::uint32_t inode, const Files& files) {
    const std::filesystem::path proc{"/proc"};
    const auto wanted = "socket:[" + std::to_string(inode) + "]";
    for (const auto& process : files.names(proc)) {
        if (!text::number<unsigned>(process)) continue;
        const auto open = proc / process / "fd";
        for (const auto& name : files.names(open))
            if (files.find_link(open / name) == wanted)
                return process_name(process, files) + ", process " + process;
    }
    return {};
}

}  // namespace san
