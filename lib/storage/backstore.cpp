// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/backstore.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/md5.hpp"
#include "base/text.hpp"
#include "storage/lio.hpp"

namespace san {

std::optional<Backing> Backing::find(const Backing_path& path, const Files& files) {
    const auto& text = path.to_text();
    if (const auto number = files.find_block_device(text))
        return Backing{.type = Type::block, .path = text, .number = *number};
    if (const auto bytes = files.find_size(text))
        return Backing{.type = Type::file, .path = text, .bytes = *bytes};
    return {};
}

std::string Backing::options() const {
    if (type == Type::block) return "udev_path=" + path;
    // Of a block device the kernel finds the size itself.
    return "fd_dev_name=" + path + (bytes > 0 ? ",fd_dev_size=" + std::to_string(bytes) : "") +
           (buffered ? ",fd_buffered_io=1" : "");
}

bool Backing::is_in(const std::string& info) const {
    // fileio: "... File: /srv/disk  Size: 64 Mode: ..." (6.1). The word before, "Status:
    // DEACTIVATED", only says that no LUN is linked.
    if (type == Type::file) return info.find("File: " + path + "  Size: ") != std::string::npos;
    return lio::device_number(info) == number;
}

bool Backing::has_mode_in(const std::string& info) const {
    if (type == Type::block) return true;
    const bool is_buffered = info.find("Mode: Buffered-WCE") != std::string::npos;
    return is_buffered == buffered;
}

Backstore_word Backstore_word::parse(std::string_view text) {
    if (text == "block") return {Backing::Type::block};
    if (text == "fileio") return {Backing::Type::file};
    if (text == "pscsi")
        throw Error{Kind::misconfigured,
                    "expected block or fileio: pscsi shows the disk's own identity"};
    if (text == "ramdisk")
        throw Error{Kind::misconfigured, "expected block or fileio: memory does not move"};
    throw Error{Kind::misconfigured, "expected block or fileio"};
}

namespace lio {

namespace {

/// The last part of the name of an HBA. 20 bits: as far as targetcli counts.
std::string number_of(const std::string& name) {
    return "_" + std::to_string(text::number<unsigned>(md5(name).substr(0, 5), 16).value_or(0));
}

bool is_empty(const Configfs::Path& directory, const Configfs& configfs) {
    const auto inside = configfs.find_entries(directory);
    return inside && inside->empty();
}

}  // namespace

std::optional<Device_number> device_number(const std::string& info) {
    // iblock: "... Major: 7 Minor: 0  CLAIMED: IBLOCK" (6.1).
    const auto words = text::words(info);
    const auto number_after = [&](const std::string& label) -> std::optional<unsigned> {
        const auto found = std::find(words.begin(), words.end(), label);
        if (found == words.end() || found + 1 == words.end()) return {};
        return text::number<unsigned>(*(found + 1));
    };
    const auto major = number_after("Major:");
    const auto minor = number_after("Minor:");
    if (!major || !minor) return {};
    return Device_number{*major, *minor};
}

std::vector<Configfs::Path> backstores(const std::string& name, const Configfs& configfs) {
    std::vector<Configfs::Path> found;
    for (const auto& hba : configfs.find_entries(core).value_or(std::vector<std::string>{}))
        if (hba != "alua" && configfs.has(core / hba / name)) found.push_back(core / hba / name);
    return found;
}

std::vector<Configfs::Path> backstores(const Configfs& configfs) {
    const auto names = [&](const Configfs::Path& at) {
        return configfs.find_entries(at).value_or(std::vector<std::string>{});
    };
    std::vector<Configfs::Path> found;
    for (const auto& hba : names(core))
        if (hba != "alua")
            for (const auto& name : names(core / hba)) found.push_back(core / hba / name);
    return found;
}

Configfs::Path new_backstore(const std::string& name, const Backing& backing) {
    return core / (backing.plugin() + number_of(name)) / name;
}

std::vector<Configfs::Path> empty_hbas(const std::string& name, const Configfs& configfs) {
    const auto number = number_of(name);
    std::vector<Configfs::Path> found;
    for (const auto& hba : configfs.find_entries(core).value_or(std::vector<std::string>{}))
        if (hba.ends_with(number) && is_empty(core / hba, configfs)) found.push_back(core / hba);
    return found;
}

}  // namespace lio
}  // namespace san
