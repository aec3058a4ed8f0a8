// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/process_name.hpp"

#include "base/text.hpp"

namespace san {

std::string process_name(const std::string& process, const Files& files) {
    const auto file = std::filesystem::path{"/proc"} / process / "comm";
    std::string name{text::trimmed(files.find(file).value_or("a program"))};
    for (auto& c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return name;
}

}  // namespace san
