// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "support/fake_scst.hpp"

namespace san::test {

namespace {

constexpr auto copy_manager = "targets/copy_manager/copy_manager_tgt/luns";

/// The identity that SCST gives a device follows from its name: crc32c(0, name, with its NUL), dev
/// handler vdisk_create(), 3.11-pre. The recorded ones are.
std::string default_serial(const std::string& name) {
    std::uint32_t crc = 0;
    for (std::size_t at = 0; at <= name.size(); ++at) {
        crc ^= static_cast<unsigned char>(name.c_str()[at]);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) ? 0x82f63b78U : 0U);
    }
    char text[9];
    std::snprintf(text, sizeof text, "%x", crc);
    return text;
}

bool is_hex(const std::string& text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

bool is_naa(const std::string& text) {
    return is_hex(text) && ((text.size() == 16 && std::string{"235"}.find(text[0]) < 3) ||
                            (text.size() == 32 && text[0] == '6'));
}

/// The recorded device of a handler.
std::string model(const std::string& handler) {
    if (handler == "vdisk_fileio") return "devices/disk1";
    return handler == "vdisk_blockio" ? "devices/disk2" : "devices/null1";
}

const std::map<std::string, std::size_t> longest{
    {"usn", 20}, {"t10_dev_id", 25}, {"t10_vend_id", 8}, {"prod_id", 16}, {"prod_rev_lvl", 4}};

}  // namespace

void Fake_scst::load_disk_handler(const std::vector<std::string>& scsi_addresses) {
    if (!is_loaded()) load();
    entries_["handlers/dev_disk"] = {.kind = 'd'};
    entries_["handlers/dev_disk/mgmt"] = {.mode = 0644};
    for (const auto& address : scsi_addresses) {
        entries_["devices/" + address] = {.kind = 'd'};
        entries_["devices/" + address + "/exported"] = {.kind = 'd'};
    }
}

int Fake_scst::manage_handler(const std::string& handler, const std::string& text) {
    const auto words = text::words(text);
    if (words.size() < 2) return EINVAL;
    if (handler == "dev_disk") return manage_disk_handler(words);
    const auto& name = words[1];
    if (words[0] == "add_device") {
        const auto rest = text.find(name, words[0].size()) + name.size();
        return add_device(handler, name, text.substr(rest));
    }
    if (words[0] != "del_device" || words.size() != 2) return EINVAL;
    // Any of vdisk's handlers does it.
    const auto at = "devices/" + name + "/handler";
    if (!is_there(at) || find_link(at)->filename() == "dev_disk") return EINVAL;
    return remove_device(name);
}

/// Not recorded: scst_process_devt_pass_through_mgmt_store(), scst_sysfs.c, 3.11-pre.
int Fake_scst::manage_disk_handler(const Words& words) {
    const auto device = "devices/" + words[1];
    if (words.size() != 2 || !is_there(device)) return EINVAL;
    const bool is_ours = find_link(device + "/handler") == "handlers/dev_disk";
    if (words[0] == "add_device") {
        if (is_there(device + "/handler")) return is_ours ? 0 : EINVAL;
        link(device + "/handler", "handlers/dev_disk");
        link("handlers/dev_disk/" + words[1], device);
        return 0;
    }
    if (words[0] != "del_device" || !is_ours) return EINVAL;
    wait_for(words[1]);
    for (const auto& one : children(device + "/exported")) {
        const auto at = *find_link(device + "/exported/" + one);
        remove_lun(at.parent_path(), at.filename());
    }
    erase(device + "/handler");
    erase("handlers/dev_disk/" + words[1]);
    return 0;
}

int Fake_scst::open_backing(const std::string& handler, const std::string& path) const {
    const auto found = files.find(path);
    if (found == files.end()) return ENOENT;
    if (handler != "vdisk_blockio") return 0;
    if (!found->second.is_block) return ENOTBLK;
    if (found->second.is_busy) return EBUSY;
    for (const auto& device : children("devices")) {
        const auto at = "devices/" + device;
        if (value(at + "/filename") == path && value(at + "/active") == "1" &&
            find_link(at + "/handler") == "handlers/vdisk_blockio")
            return EBUSY;
    }
    return 0;
}

int Fake_scst::add_device(const std::string& handler, const std::string& name,
                          const std::string& rest) {
    if (name.size() > 64 || name.find('/') != std::string::npos) return EINVAL;
    if (const auto other = removing_; !other.empty()) wait_for(other);
    const auto given = pairs(rest);
    if (!given) return EINVAL;
    const auto device = "devices/" + name;
    if (is_there(device)) return EEXIST;
    const auto& usage = entries_.at("handlers/" + handler + "/mgmt").text;
    const auto known = usage.substr(usage.find("available: "));
    std::map<std::string, std::string> wanted;
    for (const auto& [key, value] : *given) {
        if (known.find(" " + key + ",") == std::string::npos &&
            known.find(" " + key + "\n") == std::string::npos)
            return EINVAL;
        const bool is_text = key == "filename" || key == "t10_dev_id";
        if (!is_text && !text::number<long>(value)) return EINVAL;
        wanted[key] = value;
    }
    const bool has_file = handler == "vdisk_fileio" || handler == "vdisk_blockio";
    if (has_file && !wanted["filename"].starts_with('/')) return EINVAL;
    const bool is_open = !wanted.contains("active") || wanted["active"] != "0";
    if (has_file && is_open)
        if (const auto errnum = open_backing(handler, wanted["filename"])) return errnum;
    // dev handlers keep reservations there, and nobody makes it.
    if (!directories.contains("/var/lib/scst/pr")) return ENOENT;

    grow("03-devices", model(handler), device);
    for (const auto& one : children(device + "/exported")) erase(device + "/exported/" + one);
    const auto serial = default_serial(name);
    for (const auto& [attribute, text] :
         std::map<std::string, std::string>{{"usn", serial},
                                            {"t10_dev_id", serial + "-" + name},
                                            {"vend_specific_id", serial + "-" + name},
                                            {"prod_id", name.substr(0, 16)},
                                            {"pr_file_name", "/var/lib/scst/pr/" + name},
                                            {"write_through", "0"}}) {
        auto& entry = entries_[device + "/" + attribute];
        entry.initial = text;
        entry.text = text + "\n";
    }
    // 512 where it is no power of two.
    if (const auto size = text::number<unsigned>(wanted["blocksize"]).value_or(512);
        (size & (size - 1)) != 0)
        wanted["blocksize"] = "512";
    if (wanted["blocksize"].empty()) wanted.erase("blocksize");
    if (!has_file) wanted.erase("filename");
    for (const auto& [attribute, text] : wanted)
        if (is_there(device + "/" + attribute)) set(device + "/" + attribute, text);
    if (has_file) {
        set(device + "/filename", wanted["filename"], true);
        const auto bytes = is_open ? files[wanted["filename"]].bytes : 0;
        set(device + "/size", std::to_string(bytes), true);
        set(device + "/size_mb", std::to_string(bytes >> 20), false);
    }
    link(device + "/handler", "handlers/" + handler);
    link("handlers/" + handler + "/" + name, device);
    exports_[name] = 0;
    add_lun(copy_manager, std::to_string(copies_++), name, false);
    return 0;
}

int Fake_scst::remove_device(const std::string& name) {
    // Who makes one waits behind it.
    removing_ = name;
    wait_for(name);
    removing_.clear();
    const auto device = "devices/" + name;
    for (const auto& one : children(device + "/exported")) {
        const auto at = *find_link(device + "/exported/" + one);
        remove_lun(at.parent_path(), at.filename());
    }
    for (const auto& group : children("device_groups"))
        erase("device_groups/" + group + "/devices/" + name);
    erase(find_link(device + "/handler")->string() + "/" + name);
    erase(device);
    return 0;
}

bool Fake_scst::is_exported(const std::string& device) const {
    return !children("devices/" + device + "/exported").empty();
}

int Fake_scst::set_pr_file(const std::string& device, const std::string& text) {
    if (is_exported(device)) return EBUSY;
    const auto at = "devices/" + device + "/pr_file_name";
    if (text.empty()) {
        set(at, entries_.at(at).initial);
        return 0;
    }
    if (!text.starts_with('/')) return EINVAL;
    if (!directories.contains(Path{text}.parent_path())) return ENOENT;
    set(at, text);
    return 0;
}

int Fake_scst::set_device(const std::string& device, const std::string& attribute,
                          const std::string& text) {
    const auto folder = "devices/" + device + "/";
    const auto at = folder + attribute;
    if (attribute == "filename") return EINVAL;
    if (attribute == "pr_file_name") return set_pr_file(device, text);
    if (const auto limit = longest.find(attribute); limit != longest.end()) {
        if (text.size() > limit->second) return EINVAL;
        set(at, text, true);
        return 0;
    }
    if (attribute == "naa_id" || attribute == "eui64_id") {
        const bool fits = attribute == "naa_id" ? is_naa(text) : is_hex(text) && text.size() == 16;
        if (!text.empty() && !fits) return EINVAL;
        set(at, text.empty() ? "" : "0x" + text);
        return 0;
    }
    const auto& file = files[value(folder + "filename")];
    const auto show_size = [&](std::uint64_t bytes) {
        set(folder + "size", std::to_string(bytes), true);
        set(folder + "size_mb", std::to_string(bytes >> 20), false);
    };
    if (attribute == "resync_size")
        show_size(file.bytes);
    else if (attribute == "block")
        set(at, text + " 0", false);
    else if (attribute != "sync")
        set(at, text);
    if (attribute == "active" && text == "1") show_size(file.bytes);
    return 0;
}

}  // namespace san::test
