// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/node_survey.hpp"

#include <algorithm>
#include <array>
#include <ifaddrs.h>
#include <map>
#include <netdb.h>
#include <set>
#include <sstream>
#include <sys/socket.h>

#include "base/error.hpp"
#include "base/owned.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "storage/lvm_report.hpp"

namespace san::stack {

namespace {

namespace fs = std::filesystem;

class Surveyor {
public:
    Surveyor(const Survey& wanted, Commands& commands, const Deadline& deadline)
        : wanted_{wanted},
          files_{wanted.root},
          commands_{commands},
          deadline_{deadline},
          is_this_machine_{wanted.root == "/"} {
        facts_.name = wanted.node;
    }

    Node_facts take() {
        part("corosync.conf", [&] {
            facts_.corosync =
                without_comments(files_.find("/etc/corosync/corosync.conf").value_or(""));
        });
        part("DRBD's configuration", [&] { drbd(); });
        part("LVM's configuration", [&] { lvm(); });
        part("names of disks", [&] { devices(); });
        part("services", [&] { units(); });
        part("tgt's configuration", [&] { tgt(); });
        part("files with secrets", [&] { secrets(); });
        part("LIO's targets", [&] {
            for (const auto& name : files_.names("/sys/kernel/config/target/iscsi"))
                if (name.starts_with("iqn.") || name.starts_with("eui.") ||
                    name.starts_with("naa."))
                    facts_.targets.push_back(name);
        });
        if (is_this_machine_) part("addresses", [&] { networks(); });
        return std::move(facts_);
    }

private:
    template <class Work>
    void part(const std::string& what, const Work& work) try {
        work();
    } catch (const std::exception& problem) {
        facts_.gaps.push_back(what + ": " + problem.what());
    }

    void drbd() {
        if (!files_.exists("/etc/drbd.conf")) return;
        if (!commands_.has("drbdadm")) throw Error{Kind::not_installed, "drbdadm is not installed"};
        const auto outcome = commands_.run(
            {"drbdadm", "--config-file", (wanted_.root / "etc/drbd.conf").string(), "dump-xml"},
            deadline_);
        std::istringstream lines{outcome.err};
        for (std::string line; std::getline(lines, line);)
            if (line.find("modinfo") == std::string::npos) facts_.complaints.push_back(line);
        if (!outcome.ok()) throw Error{Kind::failed, "drbdadm: " + outcome.complaint()};
        facts_.drbd = comparable(outcome.out);
    }

    void lvm() {
        std::string text;
        if (is_this_machine_ && commands_.has("lvmconfig"))
            text = commands_.must({"lvmconfig", "--typeconfig", "full"}, deadline_).out;
        else if (const auto file = files_.find("/etc/lvm/lvm.conf"))
            text = *file;
        else
            return;
        facts_.lvm = Lvm_settings::parse(text);
        if (const auto devices = files_.find("/etc/lvm/devices/system.devices"))
            facts_.lvm->devices = devices_in(*devices);
        if (is_this_machine_ && commands_.has("vgs")) groups();
    }

    /// udev's links below /dev/disk that lead to where the name does.
    void devices() {
        if (facts_.drbd.empty()) return;
        std::map<fs::path, Words> links;
        for (const auto& folder : files_.names("/dev/disk"))
            for (const auto& name : files_.names(fs::path{"/dev/disk"} / folder)) {
                const auto link = fs::path{"/dev/disk"} / folder / name;
                if (const auto target = find_target(link)) links[*target].push_back(link.string());
            }
        for (const auto& resource : Drbd_configuration::parse(facts_.drbd).resources)
            for (const auto& host : resource.hosts)
                for (const auto& volume : host.volumes) {
                    if (host.name != wanted_.node || volume.disk.empty()) continue;
                    const auto target = find_target(volume.disk).value_or(volume.disk);
                    Device_names names{volume.disk, links[target]};
                    if (target != volume.disk) names.others.push_back(target.string());
                    facts_.devices.push_back(std::move(names));
                }
    }

    /// Where a link leads, below the same root; nothing when it is none.
    std::optional<fs::path> find_target(const fs::path& link) const {
        const auto text = files_.find_link(link);
        if (!text) return {};
        return (link.parent_path() / *text).lexically_normal();
    }

    /// "<target iqn...>" in the files that tgt-admin reads when the service starts.
    void tgt() {
        std::vector<std::string> files{"/etc/tgt/targets.conf"};
        for (const auto& name : files_.names("/etc/tgt/conf.d"))
            if (name.ends_with(".conf")) files.push_back("/etc/tgt/conf.d/" + name);
        for (const auto& file : files) {
            std::istringstream lines{without_comments(files_.find(file).value_or(""))};
            for (std::string line; std::getline(lines, line);)
                if (const auto words = text::words(line); words.size() > 1 && words[0] == "<target")
                    facts_.tgt_targets.push_back(words[1].substr(0, words[1].find('>')));
        }
    }

    /// vg_autoactivation is there since 2.03.12; before, a group had no say.
    void groups() {
        for (const auto& fields : {"vg_name,vg_autoactivation", "vg_name"}) {
            const auto outcome = commands_.run(
                {"vgs", "--readonly", "--reportformat", "json", "-o", fields}, deadline_);
            if (!outcome.ok() && text::trimmed(outcome.out).empty()) continue;
            for (const auto& row : lvm::rows(outcome.out)) {
                const auto name = row.find("vg_name");
                const auto own = row.find("vg_autoactivation");
                if (name != row.end())
                    facts_.groups.push_back({name->second, own == row.end() ||
                                                               own->second == "enabled" ||
                                                               own->second == "1"});
            }
            return;
        }
        throw Error{Kind::failed, "vgs does not answer"};
    }

    /// systemd.unit(5): a unit file that is a link to /dev/null, or empty, keeps the unit from
    /// being started, whoever wants it.
    bool is_masked(const std::string& unit) {
        for (const auto* folder : {"/etc/systemd/system", "/run/systemd/system"}) {
            const auto path = fs::path{folder} / unit;
            if (const auto target = files_.find_link(path)) {
                if (*target == "/dev/null") return true;
            } else if (const auto content = files_.find(path); content && content->empty()) {
                return true;
            }
        }
        return false;
    }

    /// A unit is started at boot when a directory of wants or requires has it.
    void units() {
        std::set<std::string> found;
        for (const auto* folder :
             {"/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"})
            for (const auto& name : files_.names(folder))
                if (name.ends_with(".target.wants") || name.ends_with(".target.requires"))
                    for (const auto& unit : files_.names(fs::path{folder} / name))
                        if (unit.ends_with(".service") && !is_masked(unit)) found.insert(unit);
        facts_.units_at_boot.assign(found.begin(), found.end());
    }

    void secret(const std::string& path) {
        if (const auto mode = files_.find_mode(path)) facts_.secrets.push_back({path, *mode});
    }

    /// Files that hold a secret when one of these words is in them.
    void secret_if(const std::string& path, std::initializer_list<const char*> words) {
        const auto content = files_.find(path);
        if (!content) return;
        const auto text = without_comments(*content);
        if (std::any_of(words.begin(), words.end(),
                        [&](const char* word) { return text.find(word) != std::string::npos; }))
            secret(path);
    }

    void secrets() {
        secret("/etc/corosync/authkey");
        secret("/etc/pacemaker/authkey");
        secret_if("/etc/drbd.conf", {"shared-secret"});
        for (const auto& name : files_.names("/etc/drbd.d"))
            secret_if("/etc/drbd.d/" + name, {"shared-secret"});
        secret_if("/etc/iscsi/iscsid.conf", {"password"});
        secret_if("/etc/tgt/targets.conf", {"incominguser", "outgoinguser"});
        for (const auto& name : files_.names("/etc/tgt/conf.d"))
            secret_if("/etc/tgt/conf.d/" + name, {"incominguser", "outgoinguser"});
        for (const auto* path :
             {"/etc/target/saveconfig.json", "/etc/rtslib-fb-target/saveconfig.json"})
            secret_if(path, {"chap_password"});
        for (const auto* path : {"/etc/ietd.conf", "/etc/iet/ietd.conf", "/etc/scst.conf"})
            secret_if(path, {"IncomingUser", "OutgoingUser"});
        for (const auto& path : wanted_.secrets) secret(path);
    }

    void networks() {
        ifaddrs* first = nullptr;
        if (::getifaddrs(&first) != 0) throw system_error("getifaddrs", errno);
        const Owned<ifaddrs, ::freeifaddrs> all{first};
        for (const auto* each = first; each; each = each->ifa_next) {
            if (!each->ifa_addr || !each->ifa_netmask) continue;
            const auto family = each->ifa_addr->sa_family;
            if (family != AF_INET && family != AF_INET6) continue;
            const auto size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
            std::array<char, NI_MAXHOST> name{};
            if (::getnameinfo(each->ifa_addr, static_cast<socklen_t>(size), name.data(),
                              static_cast<socklen_t>(name.size()), nullptr, 0, NI_NUMERICHOST) != 0)
                continue;
            std::string address{name.data()};
            facts_.networks.push_back(
                {address.substr(0, address.find('%')), bits_set(*each->ifa_netmask)});
        }
    }

    static int bits_set(const sockaddr& mask) {
        const auto* bytes = mask.sa_family == AF_INET
                                ? reinterpret_cast<const unsigned char*>(
                                      &reinterpret_cast<const sockaddr_in&>(mask).sin_addr)
                                : reinterpret_cast<const sockaddr_in6&>(mask).sin6_addr.s6_addr;
        int bits = 0;
        for (int at = 0; at < (mask.sa_family == AF_INET ? 4 : 16); ++at)
            bits += __builtin_popcount(bytes[at]);
        return bits;
    }

    const Survey& wanted_;
    Files files_;
    Commands& commands_;
    const Deadline& deadline_;
    bool is_this_machine_;
    Node_facts facts_{};
};

}  // namespace

std::string without_comments(const std::string& text) {
    std::istringstream lines{text};
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
        const auto word = text::trimmed(line);
        if (!word.empty() && word.front() != '#') kept += std::string{word} + "\n";
    }
    return kept;
}

Node_facts survey(const Survey& wanted, Commands& commands, const Deadline& deadline) {
    return Surveyor{wanted, commands, deadline}.take();
}

}  // namespace san::stack
