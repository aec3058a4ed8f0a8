// SPDX-License-Identifier: GPL-2.0-or-later
// LVM's tools with memory: one volume group, whose metadata they change and whose volumes they put
// into the fake device-mapper.
#pragma once

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_mapper.hpp"

namespace san::test {

class Fake_lvm {
public:
    struct Device {
        std::string name;
        std::string uuid = "PV-1";
        bool missing = false;
        bool duplicate = false;
    };

    /// From here on the commands answer for it.
    void answer(Fake_commands& commands, Fake_mapper& mapper) {
        auto& report = commands.on({"pvs"});
        report.does([this, &report, &commands] { report.prints(said(commands.asked.back())); });
        auto& inventory = commands.on({"lvs"});
        inventory.does(
            [this, &inventory, &commands] { inventory.prints(listed(commands.asked.back())); });
        auto& id = commands.on({"lvm", "systemid"});
        id.does([this, &id] { id.prints("  system ID: " + own_system_id + "\n"); });
        auto& config = commands.on({"lvmconfig"});
        config.does([this, &config, &commands] {
            const auto wanted = text::words(commands.asked.back()).back();
            const auto found = settings.find(wanted);
            config.exits(found == settings.end() ? 5 : 0)
                .prints(found == settings.end()
                            ? ""
                            : wanted.substr(wanted.find('/') + 1) + "=" + found->second + "\n");
        });
        commands.on({"crm_node", "-l"}).prints("1 alice member\n2 bob member\n");
        commands.on({"udevadm", "settle"});
        for (const auto* tool : {"vgchange", "lvchange"}) {
            auto& change = commands.on({tool});
            change.does([this, &change, &commands, &mapper] {
                change.exits(0).complains("");
                try {
                    act(text::words(commands.asked.back()), mapper);
                } catch (const Error& refused) {
                    change.exits(5).complains(refused.what());
                }
            });
        }
    }

    std::string name = "vg_san";
    std::string own_system_id{};
    std::string system_id{};
    std::string lock_type{};
    std::vector<std::string> tags{};
    std::vector<Device> devices{{"/dev/drbd0"}};
    std::vector<std::string> volumes{"lun1"};
    std::map<std::string, std::string> settings{};  ///< of lvm.conf, such as "global/use_lvmlockd"
    bool exported = false;
    bool visible = true;

private:
    std::string said(const std::string& asked) const {
        std::string rows;
        // Only the group that exists is found.
        if (visible && asked.find("vg_name=\"" + name + "\"") != std::string::npos)
            for (const auto& device : devices) {
                rows += rows.empty() ? "" : ",";
                rows += R"({"pv_name":")" + device.name + R"(", "pv_uuid":")" + device.uuid +
                        R"(", "pv_missing":")" + (device.missing ? "missing" : "") +
                        R"(", "pv_duplicate":")" + (device.duplicate ? "duplicate" : "") +
                        R"(", "vg_name":")" + name + R"(", "vg_uuid":"VG-1", "vg_systemid":")" +
                        system_id + R"(", "vg_tags":")" + text::joined(tags, ",") +
                        R"(", "vg_lock_type":")" + lock_type + R"(", "vg_exported":")" +
                        (exported ? "exported" : "") + R"("})";
            }
        return R"({"report": [ {"pv": [ )" + rows + " ] } ] }\n";
    }

    std::string listed(const std::string& asked) const {
        std::string rows;
        for (const auto& volume : volumes)
            if (asked.find("lv_name=\"" + volume + "\"") != std::string::npos)
                rows += R"({"lv_name":")" + volume + R"("})";
        return R"({"report": [ {"lv": [ )" + rows + " ] } ] }\n";
    }

    void act(const std::vector<std::string>& words, Fake_mapper& mapper) {
        const auto has = [&](const std::string& word) {
            return std::find(words.begin(), words.end(), word) != words.end();
        };
        // A group by its name, a volume by both; an empty system id leaves no word.
        const auto& subject = words.back();
        if (subject != name && !subject.starts_with(name + "/"))
            throw Error{Kind::failed, "Volume group \"" + subject + "\" not found"};
        if (subject != name && std::none_of(volumes.begin(), volumes.end(), [&](const auto& one) {
                return subject == name + "/" + one;
            }))
            throw Error{Kind::failed, "Failed to find logical volume \"" + subject + "\""};
        if (has("--addtag")) tags.push_back(after(words, "--addtag"));
        if (has("--deltag")) std::erase(tags, after(words, "--deltag"));
        if (has("--systemid"))
            system_id = after(words, "--systemid") == name ? "" : after(words, "--systemid");
        for (const auto& volume : volumes) {
            if (subject != name && subject != name + "/" + volume) continue;
            if (has("-ay") || has("-aey") || has("-asy")) activate(volume, mapper);
            if (has("-an")) mapper.remove(name + "-" + volume);
        }
    }

    void activate(const std::string& volume, Fake_mapper& mapper) const {
        if (!system_id.empty() && system_id != own_system_id)
            throw Error{Kind::failed, "Cannot access VG " + name + " with system ID " + system_id};
        const auto mapped = name + "-" + volume;
        auto& list = mapper.list;
        if (std::any_of(list.begin(), list.end(),
                        [&](const auto& device) { return device.name == mapped; }))
            return;
        unsigned minor = 0;
        for (const auto& device : list) minor = std::max(minor, device.number.minor + 1);
        list.push_back(
            {.name = mapped,
             .uuid = "LVM-" + std::string(32, 'g') + std::string(31, 'v') + volume.back(),
             .number = {253, minor},
             .has_live_table = true,
             .table = {{"linear", "147:0 2048"}}});
    }

    static std::string after(const std::vector<std::string>& words, const std::string& word) {
        const auto at = std::find(words.begin(), words.end(), word);
        return at + 1 < words.end() ? *(at + 1) : "";
    }
};

}  // namespace san::test
