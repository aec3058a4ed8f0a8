// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/vocabulary.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace san::stack {

namespace {

bool is_one_of(const Resource& resource, std::initializer_list<const char*> types) {
    return std::any_of(types.begin(), types.end(),
                       [&](const char* type) { return resource.is(type); });
}

/// "10.0.0.1:3260", "[fd00::1]:3260", "fd00::1"
std::string without_port(const std::string& portal) {
    if (portal.starts_with('[')) return portal.substr(1, portal.find(']') - 1);
    const auto colon = portal.find(':');
    return colon == portal.rfind(':') ? portal.substr(0, colon) : portal;
}

}  // namespace

Resources select(const Configuration& configuration,
                 const std::function<bool(const Resource&)>& wanted) {
    Resources found;
    for (const auto& each : configuration.resources)
        if (wanted(each)) found.push_back(&each);
    return found;
}

bool is_drbd(const Resource& resource) { return resource.is("drbd"); }
bool is_target(const Resource& resource) {
    return is_one_of(resource, {"iSCSITarget", "SCSTTarget"});
}
bool is_unit(const Resource& resource) {
    return is_one_of(resource, {"iSCSILogicalUnit", "SCSTLun"});
}
bool is_address(const Resource& resource) {
    return is_one_of(resource, {"IPaddr2", "IPaddr", "IPv6addr"});
}
bool is_volume_group(const Resource& resource) {
    return is_one_of(resource, {"LVM", "LVM-activate"});
}
bool is_file_system(const Resource& resource) { return resource.is("Filesystem"); }
bool is_port_block(const Resource& resource) { return resource.is("portblock"); }
bool is_storage(const Resource& resource) {
    return is_drbd(resource) || is_target(resource) || is_unit(resource) || is_address(resource) ||
           is_volume_group(resource) || is_file_system(resource) || is_port_block(resource) ||
           is_one_of(resource, {"nfsserver", "exportfs"});
}

std::string meta_of(const Resource& resource, const std::string& name) {
    const auto found = resource.meta.find(name);
    return found == resource.meta.end() ? std::string{} : found->second;
}

std::string meta_of(const Clone& clone, const std::string& name) {
    const auto found = clone.meta.find(name);
    return found == clone.meta.end() ? std::string{} : found->second;
}

std::string iqn_of(const Resource& resource) {
    return text::lower(resource.parameter(is_unit(resource) ? "target_iqn" : "iqn"));
}

std::string group_name_of(const Resource& resource) {
    const auto name = resource.parameter("volgrpname");
    return name.empty() ? resource.parameter("vgname") : name;
}

std::string path_of(const Resource& resource) {
    return resource.parameter(is_file_system(resource) ? "device" : "path");
}

std::string lun_of(const Resource& unit) {
    const auto lun = unit.parameter(unit.is("SCSTLun") ? "iscsi_lun" : "lun");
    return lun.empty() && unit.is("SCSTLun") ? unit.parameter("lun") : lun;
}

std::string ip_of(const Resource& address) {
    const auto ip = address.parameter(address.is("IPv6addr") ? "ipv6addr" : "ip");
    return text::lower(ip.substr(0, ip.find('/')));
}

std::vector<std::string> portals_of(const Resource& target) {
    std::vector<std::string> found;
    for (const auto& word : text::words(target.parameter("portals"))) {
        auto address = text::lower(without_port(word));
        if (address == "0.0.0.0" || address == "::" || address == "*") return {};
        found.push_back(std::move(address));
    }
    return found;
}

const Resource* target_of(const Resource& unit, const Configuration& configuration) {
    for (const auto& each : configuration.resources)
        if (is_target(each) && iqn_of(each) == iqn_of(unit)) return &each;
    return nullptr;
}

Resources replicas_under(const Resource& resource, const Facts& facts) {
    if (!facts.cluster) return {};
    const auto all = select(*facts.cluster, is_drbd);
    const auto of_name = [&](const std::string& name) {
        auto some = all;
        std::erase_if(
            some, [&](const Resource* each) { return each->parameter("drbd_resource") != name; });
        return some;
    };
    // The whole group lies somewhere; where is not in the cluster's configuration.
    if (is_volume_group(resource)) return all;
    if (!is_unit(resource) && !is_file_system(resource)) return {};
    const auto path = path_of(resource);
    constexpr std::string_view by_resource{"/dev/drbd/by-res/"}, device{"/dev/drbd"};
    if (path.starts_with(by_resource)) {
        const auto rest = path.substr(by_resource.size());
        return of_name(rest.substr(0, rest.find('/')));
    }
    if (path.starts_with(device)) {
        const auto minor = text::number<unsigned>(path.substr(device.size()));
        const auto* known = minor && facts.drbd ? facts.drbd->find_by_minor(*minor) : nullptr;
        return known ? of_name(known->name) : all;
    }
    // A disk is no volume; what is neither is taken for one.
    for (const auto* disk :
         {"/dev/sd", "/dev/vd", "/dev/nvme", "/dev/disk/", "/dev/md", "/dev/zvol/"})
        if (path.starts_with(disk)) return {};
    return path.starts_with("/") ? all : Resources{};
}

std::string word_of(const std::string& words, const std::string& name) {
    for (const auto& word : text::words(words)) {
        const auto sign = word.find('=');
        if (sign != std::string::npos && text::lower(word.substr(0, sign)) == text::lower(name))
            return word.substr(sign + 1);
    }
    return {};
}

std::string shell_word(const std::string& word) {
    constexpr auto plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._:@%+=,-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string quoted{"'"};
    for (const char c : word) quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return quoted + "'";
}

}  // namespace san::stack
