// SPDX-License-Identifier: GPL-2.0-or-later
// configfs with memory: LIO's part of it, as far as anything relies on it. What it refuses, and
// with which errno, the kernel refuses too; lio_contract.cpp compares the two.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "storage/names.hpp"

namespace san::test {

class Fake_configfs final : public Configfs {
public:
    /// As modprobe target_core_mod.
    void load_core() {
        for (const auto* group : {"target", "target/core", "target/core/alua"}) add_group(group);
        attributes_["target/dbroot"] = "/var/target\n";
    }
    /// As modprobe iscsi_target_mod: from now on target/iscsi can be made.
    void load_iscsi() { has_iscsi_ = true; }

    // The node's devices and sockets.
    std::map<std::string, Device_number> devices{};  ///< by path; all others are files
    std::map<std::string, int> unopenable{};         ///< path and errno
    std::set<std::string> without_discard{};         ///< paths
    /// Whether another socket listens at that port.
    std::function<bool(std::uint16_t)> is_taken = [](std::uint16_t) { return false; };

    /// Whether it is 6.4 or later: portal groups have the file rtpi.
    bool has_port_numbers = false;

    /// Called before each change; a test throws here what a kill would cut off.
    std::function<void()> before_change = [] {};

    std::optional<std::string> find(const Path& attribute) const override {
        if (entries_.contains(attribute)) throw failed("reading", attribute, EISDIR);
        const auto found = attributes_.find(attribute);
        if (found == attributes_.end()) return {};
        if (attribute.filename() == "control") throw failed("opening", attribute, EACCES);
        if (attribute.filename() == "members") return members(attribute.parent_path());
        if (attribute.filename() == "info" && is_device(attribute.parent_path()))
            return info(attribute.parent_path());
        if (attribute.filename() == "res_pr_registered_i_pts")
            return registered(attribute.parent_path().parent_path());
        if (attribute.filename() == "vpd_unit_serial")
            return std::string{text::trimmed("T10 VPD Unit Serial Number: " + found->second)};
        return std::string{text::trimmed(found->second)};
    }

    bool has(const Path& directory) const override { return find_entries(directory).has_value(); }

    std::optional<std::vector<std::string>> find_entries(const Path& directory) const override {
        const auto at = entries_.find(directory);
        if (at == entries_.end() || at->second.kind == Kind_of::link) return {};
        std::vector<std::string> names;
        for (const auto& [path, entry] : entries_)
            if (path.parent_path() == directory) names.push_back(path.filename());
        std::sort(names.begin(), names.end());
        return names;
    }

    std::optional<Path> find_link(const Path& link) const override {
        const auto found = entries_.find(link);
        if (found == entries_.end() || found->second.kind != Kind_of::link) return {};
        return found->second.target;
    }

    void write(const Path& attribute, std::string_view value) override {
        before_change();
        if (entries_.contains(attribute)) throw failed("opening", attribute, EISDIR);
        if (!attributes_.contains(attribute)) throw failed("opening", attribute, ENOENT);
        if (attribute.filename() == "hw_block_size") throw failed("opening", attribute, EACCES);
        if (const int refused = store(attribute, std::string{value}))
            throw failed("writing", attribute, refused);
    }

    Change make(const Path& directory) override {
        before_change();
        if (entries_.contains(directory)) return Change::none;
        if (!entries_.contains(directory.parent_path())) throw failed("making", directory, ENOENT);
        if (const int refused = populate(directory)) throw failed("making", directory, refused);
        return Change::made;
    }

    Change remove(const Path& directory) override {
        before_change();
        const auto found = entries_.find(directory);
        if (found == entries_.end()) return Change::none;
        if (found->second.kind == Kind_of::group) throw failed("removing", directory, EPERM);
        if (found->second.kind == Kind_of::link) throw failed("removing", directory, ENOTDIR);
        for (const auto& [path, entry] : entries_) {
            if (entry.kind == Kind_of::link && entry.target == directory)
                throw failed("removing", directory, EBUSY);
            if (is_below(path, directory) && entry.kind != Kind_of::group)
                throw failed("removing", directory, ENOTEMPTY);
        }
        std::erase_if(entries_, [&](const auto& entry) {
            return entry.first == directory || is_below(entry.first, directory);
        });
        std::erase_if(attributes_,
                      [&](const auto& entry) { return is_below(entry.first, directory); });
        armed_.erase(directory);
        real_.erase(directory);
        return Change::made;
    }

    Change link(const Path& link, const Path& target) override {
        before_change();
        if (find_link(link) == target) return Change::none;
        if (entries_.contains(link)) throw failed("linking", link, EEXIST);
        if (!entries_.contains(link.parent_path()) || !entries_.contains(target))
            throw failed("linking", link, ENOENT);
        if (const int refused = refuse_link(link.parent_path(), target))
            throw failed("linking", link, refused);
        entries_[link] = {Kind_of::link, target};
        if (is_device(target))
            attributes_.at(link.parent_path() / "alua_tg_pt_gp") = "default_tg_pt_gp";
        if (is_mapped_lun(link.parent_path())) make_real(link.parent_path(), target);
        return Change::made;
    }

    Change unlink(const Path& link) override {
        before_change();
        if (!entries_.contains(link)) return Change::none;
        const auto target = find_link(link);
        if (!target) throw failed("unlinking", link, EPERM);
        if (is_mapped_lun(link.parent_path())) drop_real(link.parent_path(), *target);
        entries_.erase(link);
        return Change::made;
    }

    /// Where the kernel listens for the portals that are there.
    std::vector<Portal> portals() const {
        std::set<Portal> found;
        for (const auto& [path, entry] : entries_)
            if (path.parent_path().filename() == "np")
                found.insert(Portal::parse(path.filename().string()));
        return {found.begin(), found.end()};
    }

    /// Everything there, a line each, for comparing.
    std::vector<std::string> everything() const {
        std::vector<std::string> lines;
        for (const auto& [path, entry] : entries_)
            lines.push_back(path.string() +
                            (entry.target.empty() ? "" : " -> " + entry.target.string()));
        for (const auto& [path, value] : attributes_) lines.push_back(path.string() + "=" + value);
        return lines;
    }

private:
    /// A group comes and goes with the directory it is in.
    enum class Kind_of { directory, group, link };
    struct Entry {
        Kind_of kind = Kind_of::directory;
        Path target{};
    };

    static Error failed(const char* doing, const Path& what, int errnum) {
        return system_error(std::string{doing} + " " + what.string(), errnum);
    }
    static bool is_below(const Path& path, const Path& directory) {
        return path.string().starts_with(directory.string() + "/");
    }
    static std::vector<std::string> parts(const Path& path) { return {path.begin(), path.end()}; }
    static bool is_device(const Path& path) {
        const auto part = parts(path);
        return part.size() == 4 && part[1] == "core" && part[2] != "alua";
    }

    void add_group(const Path& at) { entries_[at] = {Kind_of::group, {}}; }
    void add(const Path& directory, std::vector<std::pair<std::string, std::string>> attributes) {
        for (auto& [name, value] : attributes) attributes_[directory / name] = std::move(value);
    }

    /// Makes a directory with what the kernel puts inside, or tells why not.
    int populate(const Path& at) {
        const auto part = parts(at);
        const auto made = [&] {
            entries_[at] = {};
            return 0;
        };
        if (part[0] != "target") return EPERM;
        if (part[1] == "iscsi") {
            if (part.size() == 2) {
                if (!has_iscsi_) return EINVAL;
                add_group(at / "discovery_auth");
                add(at / "discovery_auth",
                    {{"userid", ""}, {"password", ""}, {"enforce_discovery_auth", "0"}});
                return made();
            }
            if (part.size() == 3) {
                if (part[2].size() > 223) return EINVAL;
                add_group(at / "param");
                add_group(at / "fabric_statistics");
                return made();
            }
            if (part.size() == 4) {
                if (!part[3].starts_with("tpgt_")) return EINVAL;
                add_portal_group(at);
                return made();
            }
            if (part[4] == "lun" && part.size() == 6 && part[5].starts_with("lun_")) {
                add_group(at / "statistics");
                add(at, {{"alua_tg_pt_gp", ""}});
                return made();
            }
            if (part[4] == "np" && part.size() == 6) {
                const int refused = refuse_portal(part[5]);
                if (refused == 0) add(at, {{"iser", "0"}});
                return refused != 0 ? refused : made();
            }
            if (part[4] == "acls" && part.size() == 6) {
                add_acl(at);
                return made();
            }
            if (part[4] == "acls" && part.size() == 7 && part[6].starts_with("lun_")) {
                add(at, {{"write_protect", "0"}});
                add_group(at / "statistics");
                return made();
            }
            return EPERM;
        }
        if (part.size() == 3) {
            const auto plugin = part[2].substr(0, part[2].rfind('_'));
            if (plugin != "iblock" && plugin != "fileio") return EINVAL;
            add(at, {{"hba_info", ""}, {"hba_mode", "0"}});
            return made();
        }
        if (part.size() == 4) {
            add_device(at);
            return made();
        }
        if (part.size() == 6 && part[4] == "alua") {
            add_alua_group(at, "");
            return made();
        }
        return EPERM;
    }

    void add_portal_group(const Path& at) {
        for (const auto* group : {"attrib", "auth", "param", "lun", "np", "acls"})
            add_group(at / group);
        add(at, {{"enable", "0"}, {"dynamic_sessions", ""}});
        if (has_port_numbers) add(at, {{"rtpi", "0"}});
        add(at / "attrib", {{"authentication", "1"},
                            {"generate_node_acls", "0"},
                            {"cache_dynamic_acls", "0"},
                            {"demo_mode_write_protect", "1"},
                            {"login_timeout", "15"}});
        add(at / "auth",
            {{"userid", ""}, {"password", ""}, {"userid_mutual", ""}, {"password_mutual", ""}});
        add(at / "param", {{"MaxConnections", "1"}, {"ImmediateData", "Yes"}});
    }

    void add_acl(const Path& at) {
        for (const auto* group : {"attrib", "auth", "param", "fabric_statistics"})
            add_group(at / group);
        add(at, {{"tag", ""}, {"info", ""}});
        add(at / "auth",
            {{"userid", ""}, {"password", ""}, {"userid_mutual", ""}, {"password_mutual", ""}});
    }

    void add_device(const Path& at) {
        for (const auto* group : {"attrib", "wwn", "alua", "alua/default_tg_pt_gp", "pr"})
            add_group(at / group);
        add_alua_group(at / "alua/default_tg_pt_gp", "0");
        add(at, {{"control", ""}, {"enable", "0"}, {"info", ""}, {"udev_path", ""}, {"alias", ""}});
        add(at / "attrib", {{"emulate_model_alias", "0"},
                            {"emulate_tpu", "0"},
                            {"emulate_tpws", "0"},
                            {"emulate_write_cache", "0"},
                            {"block_size", "512"},
                            {"hw_block_size", "512"},
                            {"max_unmap_lba_count", "0"},
                            {"emulate_3pc", "1"},
                            {"emulate_caw", "1"},
                            {"force_pr_aptpl", "0"}});
        add(at / "pr", {{"res_aptpl_metadata", "Ready to process PR APTPL metadata.."},
                        {"res_pr_registered_i_pts", ""}});
        const bool block = at.parent_path().filename().string().starts_with("iblock");
        add(at / "wwn", {{"vendor_id", "LIO-ORG"},
                         {"product_id", block ? "IBLOCK" : "FILEIO"},
                         {"company_id", "0x001405"},
                         {"vpd_unit_serial", ""}});
    }

    void add_alua_group(const Path& at, const std::string& number) {
        add(at, {{"tg_pt_gp_id", number},
                 {"alua_access_type", "Implicit and Explicit"},
                 {"alua_access_state", "0"},
                 {"members", ""}});
    }

    /// The LUNs in an ALUA group.
    std::string members(const Path& group) const {
        std::string list;
        for (const auto& [lun, name] : attributes_) {
            if (lun.filename() != "alua_tg_pt_gp" || name != group.filename()) continue;
            const auto part = parts(lun);
            for (const auto& [path, entry] : entries_)
                if (path.parent_path() == lun.parent_path() &&
                    entry.target == group.parent_path().parent_path())
                    list += "iSCSI/" + part[2] + "/" + part[3] + "/" + part[5] + "\n";
        }
        return std::string{text::trimmed(list)};
    }

    int store_of_alua_group(const Path& group, const std::string& name, const std::string& value) {
        auto& kept = attributes_.at(group / name);
        const auto number = text::number<unsigned>(value);
        if (!number) return EINVAL;
        if (name == "tg_pt_gp_id") {
            if (!kept.empty() || *number > 65535) return EINVAL;
            for (const auto& [path, other] : attributes_)
                if (path.filename() == name && is_below(path, group.parent_path()) &&
                    other == value)
                    return EINVAL;
        } else if (name == "alua_access_type") {
            static const char* const words[] = {"None", "Implicit", "Explicit",
                                                "Implicit and Explicit"};
            if (*number > 3) return EINVAL;
            kept = words[*number];
            return 0;
        } else if (name == "alua_access_state") {
            if (attributes_.at(group / "tg_pt_gp_id").empty()) return EINVAL;
            if (attributes_.at(group.parent_path().parent_path() / "enable") != "1") return ENODEV;
            if (!attributes_.at(group / "alua_access_type").starts_with("Implicit")) return EINVAL;
            if (*number > 3) return EINVAL;
        }
        kept = value;
        return 0;
    }

    /// A LUN goes into a group of its device.
    int store_group_of_lun(const Path& attribute, const std::string& value) {
        for (const auto& [path, entry] : entries_)
            if (path.parent_path() == attribute.parent_path() && entry.kind == Kind_of::link) {
                if (!entries_.contains(entry.target / "alua" / value)) return ENODEV;
                attributes_.at(attribute) = value;
                return 0;
            }
        return ENODEV;
    }

    /// All that a socket can refuse is EINVAL; so is a wildcard beside another address.
    int refuse_portal(const std::string& text) const {
        std::optional<Portal> portal;
        try {
            portal = Portal::parse(text);
        } catch (const Error&) {
            return EINVAL;
        }
        if (portal->to_text() != text) return EINVAL;
        const auto port = portal->to_text().substr(portal->to_text().rfind(':'));
        if (is_taken(portal->port())) return EINVAL;
        // Sockets of IPv6 take IPv4 as well, so [::] is in the way of all and 0.0.0.0 of IPv4.
        const auto covers = [&](const std::string& wide, const std::string& other) {
            return wide == "[::]" + port || (wide == "0.0.0.0" + port && !other.starts_with('['));
        };
        for (const auto& [path, entry] : entries_) {
            if (path.parent_path().filename() != "np") continue;
            const std::string other = path.filename();
            if (other != text && other.ends_with(port) &&
                (covers(text, other) || covers(other, text)))
                return EINVAL;
        }
        return 0;
    }

    int refuse_link(const Path& directory, const Path& target) const {
        if (!find_entries(directory)->empty() && has_link(directory)) return EEXIST;
        const auto part = parts(directory);
        if (part.size() == 6 && part[4] == "lun") {
            if (!is_device(target)) return EINVAL;
            return attributes_.at(target / "enable") == "1" ? 0 : ENODEV;
        }
        if (part.size() == 7 && part[4] == "acls") {
            const auto group = directory.parent_path().parent_path().parent_path();
            return target.parent_path() == group / "lun" ? 0 : EINVAL;
        }
        return EPERM;
    }

    bool has_link(const Path& directory) const {
        return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
            return entry.second.kind == Kind_of::link && entry.first.parent_path() == directory;
        });
    }

    bool is_exported(const Path& device) const {
        return std::any_of(entries_.begin(), entries_.end(),
                           [&](const auto& entry) { return entry.second.target == device; });
    }

    /// What control was told of the device or file.
    std::string opened_path(const Path& device) const {
        const auto options = attributes_.at(device / "control");
        const auto start = options.find('=') + 1;
        return options.substr(start, options.find(',') - start);
    }

    bool is_buffered(const Path& device) const {
        return attributes_.at(device / "control").find("fd_buffered_io=1") != std::string::npos;
    }
    bool is_block(const Path& device) const {
        return device.parent_path().filename().string().starts_with("iblock");
    }

    std::string info(const Path& device) const {
        if (attributes_.at(device / "enable") != "1") return "";
        const auto path = opened_path(device);
        const std::string status =
            "Status: DEACTIVATED  Max Queue Depth: 0  SectorSize: 512  "
            "HwMaxSectors: 16384\n        ";
        if (const auto block = devices.find(path); block != devices.end())
            return status + "iBlock device: x  UDEV PATH: " + path + "  readonly: 0\n        " +
                   "Major: " + std::to_string(block->second.major) +
                   " Minor: " + std::to_string(block->second.minor) + "  CLAIMED: IBLOCK";
        return status + "TCM FILEIO ID: 0        File: " + path +
               "  Size: 4096  Mode: " + (is_buffered(device) ? "Buffered-WCE" : "O_DSYNC") +
               " Async: 0";
    }

    /// Takes a value as the kernel does, or tells why not.
    int store(const Path& attribute, const std::string& value) {
        const std::string name = attribute.filename();
        const auto trimmed = std::string{text::trimmed(value)};
        const auto parent = attribute.parent_path();
        auto& kept = attributes_.at(attribute);
        if (is_device(parent.parent_path().parent_path()))
            return store_of_alua_group(parent, name, trimmed);
        if (name == "alua_tg_pt_gp") return store_group_of_lun(attribute, trimmed);
        if (is_device(parent)) return store_of_device(parent, name, trimmed);
        if (is_device(parent.parent_path())) {
            const auto device = parent.parent_path();
            if (is_exported(device) &&
                (parent.filename() == "wwn" || name == "emulate_model_alias" ||
                 name == "block_size" || name == "force_pr_aptpl" || name == "res_aptpl_metadata"))
                return EINVAL;
            if (name == "res_aptpl_metadata") return arm(device, trimmed);
            if (name == "block_size" && trimmed != "512" && trimmed != "1024" &&
                trimmed != "2048" && trimmed != "4096")
                return EINVAL;
            // Whoever reads it from a block device is told of that one's cache.
            if (name == "emulate_write_cache" && trimmed == "1" && is_block(device)) return EINVAL;
            // kstrtobool looks at one letter.
            if ((name == "emulate_tpu" || name == "emulate_tpws") && trimmed[0] != '0' &&
                trimmed[0] != '1')
                return EINVAL;
            if (name == "emulate_tpu" || name == "emulate_tpws") {
                if (attributes_.at(device / "enable") != "1")
                    throw std::logic_error{"NULL dereference in the kernel"};
                if (trimmed == "1" && without_discard.contains(opened_path(device))) return ENOSYS;
            }
            if (name == "emulate_model_alias" && trimmed == "1")
                attributes_.at(device / "wwn/product_id") =
                    device.filename().string().substr(0, 15);
        } else if (name == "enforce_discovery_auth") {
            if (trimmed != "0" && trimmed != "1") return EINVAL;
        } else if (parent.filename() == "auth" || parent.filename() == "discovery_auth") {
            // Kept to the last byte.
            kept = value;
            return 0;
        } else if (name == "rtpi") {
            const auto digits = trimmed.starts_with("0x") ? trimmed.substr(2) : "";
            if (text::number<std::uint16_t>(digits, 16).value_or(0) == 0) return EINVAL;
            if (attributes_.at(parent / "enable") == "1") return EINVAL;
        } else if (name == "enable" && trimmed == "1" && has_port_numbers) {
            for (const auto& [path, number] : attributes_)
                if (path.filename() == "rtpi" && path.parent_path() != parent && number != "0" &&
                    number == attributes_.at(parent / "rtpi") &&
                    attributes_.at(path.parent_path() / "enable") == "1")
                    return EINVAL;
        } else if (name == "iser" && trimmed == "1") {
            // No device of this node speaks RDMA.
            return EINVAL;
        } else if (name == "login_timeout" && (text::number<int>(trimmed).value_or(0) < 5 ||
                                               text::number<int>(trimmed).value_or(31) > 30)) {
            return EINVAL;
        } else if (name == "MaxConnections" && !text::number<unsigned>(trimmed)) {
            return EINVAL;
        }
        kept = trimmed;
        return 0;
    }

    int store_of_device(const Path& device, const std::string& name, const std::string& value) {
        auto& kept = attributes_.at(device / name);
        const auto& options = attributes_.at(device / "control");
        if (name == "enable") {
            if (value != "1") return EINVAL;
            if (kept == "1") return EEXIST;
            if (options.empty()) return EINVAL;
            const auto refusal = unopenable.find(opened_path(device));
            if (refusal != unopenable.end()) return refusal->second;
            if (!is_block(device) && is_buffered(device))
                attributes_.at(device / "attrib/emulate_write_cache") = "1";
        }
        kept = value;
        return 0;
    }

    using Registered = std::map<std::string, std::string>;

    static bool is_mapped_lun(const Path& path) {
        const auto part = parts(path);
        return part.size() == 7 && part[4] == "acls";
    }

    /// Keeps a registration for the initiator that it names. Unknown words are no error.
    int arm(const Path& device, const std::string& text) {
        Registered fields;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = std::min(text.find_first_of(",\n", at), text.size());
            const auto word = text.substr(at, end - at);
            if (const auto sign = word.find('='); sign != std::string::npos)
                fields[word.substr(0, sign)] = word.substr(sign + 1);
            at = end + 1;
        }
        if (fields["initiator_node"].empty() || fields["target_node"].empty() ||
            text::number<std::uint64_t>(fields["sa_res_key"]).value_or(0) == 0 ||
            (fields["res_holder"] == "1" && fields["res_type"].empty()))
            return EINVAL;
        armed_[device].push_back(std::move(fields));
        return 0;
    }

    /// What waits for the initiator, on the LUN that it is shown.
    void make_real(const Path& mapped, const Path& lun) {
        const auto part = parts(mapped);
        for (const auto& [path, entry] : entries_) {
            if (path.parent_path() != lun || entry.kind != Kind_of::link) continue;
            std::erase_if(armed_[entry.target], [&](Registered& one) {
                if (one["initiator_node"] != part[5] || one["target_node"] != part[2] ||
                    "tpgt_" + one["tpgt"] != part[3] || "lun_" + one["mapped_lun"] != part[6] ||
                    "lun_" + one["target_lun"] != lun.filename().string())
                    return false;
                real_[entry.target].push_back(one);
                return true;
            });
        }
    }
    void drop_real(const Path& mapped, const Path& lun) {
        const auto part = parts(mapped);
        for (const auto& [path, entry] : entries_)
            if (path.parent_path() == lun && entry.kind == Kind_of::link)
                std::erase_if(real_[entry.target],
                              [&](Registered& one) { return one["initiator_node"] == part[5]; });
    }
    std::string registered(const Path& device) const {
        std::string text = "SPC-3 PR Registrations:";
        const auto found = real_.find(device);
        if (found == real_.end() || found->second.empty()) return text + "\nNone";
        for (const auto& one : found->second)
            text += "\niSCSI Node: " + one.at("initiator_node") + ",i,0x" +
                    one.at("initiator_sid") + " Key: ...";
        return text;
    }

    std::map<Path, std::vector<Registered>> armed_{};  ///< by device
    std::map<Path, std::vector<Registered>> real_{};
    std::map<Path, Entry> entries_{};
    std::map<Path, std::string> attributes_{};
    bool has_iscsi_ = false;
};

}  // namespace san::test
