// SPDX-License-Identifier: GPL-2.0-or-later
// tgtd as tests/data/tgt recorded it: what it takes, what it refuses and with which number, and the
// text of its lists to the byte.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/tgt.hpp"
#include "kernel/tgt_listing.hpp"

namespace san::test {

class Fake_tgtd final : public tgt::Daemon {
public:
    struct Unit : tgt::Unit {
        std::uint64_t bytes = 0;
        bool removable = false;
        std::map<std::string, std::string> more{};  ///< mode_page and others that no list shows
        bool in_use = false;                        ///< a command of it is being served
    };
    struct Target {
        std::int32_t number = 0;
        std::string name{};
        std::string state = "ready";
        std::map<std::uint64_t, Unit> units{};
        std::list<std::uint64_t> made{};  ///< the units, the last one first
        std::vector<std::string> users{};
        std::string own_user{};
        std::vector<std::string> addresses{}, names{};
        std::vector<tgt::Connection> connections{};
        std::vector<tgt::Parameter> parameters = defaults();
    };

    bool is_there = true;  ///< else nobody listens
    bool answers = true;   ///< else time is up
    std::function<void(const tgt::Request&)> before = [](const tgt::Request&) {};
    std::map<std::string, std::uint64_t> files{};  ///< what can be opened, with its size
    std::map<std::int32_t, Target> targets{};
    std::vector<std::pair<std::string, std::string>> accounts{};  ///< the newest first
    std::vector<std::string> discovery_users{};
    std::vector<std::string> portals{"[::]:3260", "0.0.0.0:3260"};
    std::vector<tgt::Request> asked{};

    std::optional<tgt::Answer> ask(const tgt::Request& request, const Deadline&) override {
        tgt::encode(request);
        before(request);
        if (!is_there) return {};
        if (!answers) throw Error{Kind::failed, "tgtd does not answer"};
        asked.push_back(request);
        return answer(request);
    }

    /// As when the process ends: all it had is gone.
    void end() {
        is_there = false;
        targets.clear();
        accounts.clear();
        discovery_users.clear();
        portals = {"[::]:3260", "0.0.0.0:3260"};
    }

private:
    using Mode = tgt::Mode;
    using Op = tgt::Op;

    static std::vector<tgt::Parameter> defaults() {
        return {{"nop_interval", "0"},
                {"nop_count", "0"},
                {"MaxRecvDataSegmentLength", "8192"},
                {"HeaderDigest", "None"},
                {"DataDigest", "None"},
                {"InitialR2T", "Yes"},
                {"MaxOutstandingR2T", "1"},
                {"ImmediateData", "Yes"},
                {"FirstBurstLength", "65536"},
                {"MaxBurstLength", "262144"},
                {"DataPDUInOrder", "Yes"},
                {"DataSequenceInOrder", "Yes"},
                {"ErrorRecoveryLevel", "0"},
                {"IFMarker", "No"},
                {"OFMarker", "No"},
                {"DefaultTime2Wait", "2"},
                {"DefaultTime2Retain", "20"},
                {"OFMarkInt", "Reject"},
                {"IFMarkInt", "Reject"},
                {"MaxConnections", "1"},
                {"RDMAExtensions", "Yes"},
                {"TargetRecvDataSegmentLength", "262144"},
                {"InitiatorRecvDataSegmentLength", "262144"},
                {"MaxOutstandingUnexpectedPDUs", "0"},
                {"MaxXmitDataSegmentLength", "8192"},
                {"MaxQueueCmd", "128"}};
    }

    static tgt::Answer refusal(std::uint32_t code) { return {.code = code}; }

    tgt::Answer answer(const tgt::Request& request) {
        switch (request.mode) {
            case Mode::system:
                return of_system(request);
            case Mode::target:
                return of_target(request);
            case Mode::device:
                return of_device(request);
            case Mode::portal:
                return of_portal(request);
            case Mode::connection:
                return of_connection(request);
            case Mode::account:
                return of_account(request);
            default:
                throw std::logic_error{"the fake does not know this mode of tgtd"};
        }
    }

    Target* find(std::int32_t number) {
        const auto found = targets.find(number);
        return found == targets.end() ? nullptr : &found->second;
    }

    /// What stands behind "key=" to the end of the text.
    static std::optional<std::string> rest_behind(const std::string& text, std::string_view key) {
        const auto at = text.find(key);
        if (at == std::string::npos) return {};
        return text.substr(at + key.size());
    }

    static std::vector<tgt::Parameter> keys(std::string text) {
        for (const std::string_view prefix : {"targetOps ", "portalOps "})
            if (text.starts_with(prefix)) text.erase(0, prefix.size());
        std::vector<tgt::Parameter> found;
        std::istringstream in{text};
        for (std::string word; std::getline(in, word, ',');)
            if (const auto equals = word.find('='); equals != std::string::npos)
                found.push_back({word.substr(0, equals), word.substr(equals + 1)});
        return found;
    }

    tgt::Answer of_system(const tgt::Request& request) {
        if (request.op != Op::show) return refusal(tgt::invalid_request);
        std::string text = "System:\n    State: ready\n    debug: off\n";
        text += "LLDs:\n    iscsi: ready\n    iser: error\nBacking stores:\n";
        for (const auto* store :
             {"sheepdog", "bsg", "sg", "null", "ssc", "smc (bsoflags sync:direct)",
              "mmc (bsoflags sync:direct)", "rdwr (bsoflags sync:direct)", "aio"})
            text += "    " + std::string{store} + "\n";
        text += "Device types:\n";
        for (const auto* type :
             {"disk", "cd/dvd", "osd", "controller", "changer", "tape", "passthrough"})
            text += "    " + std::string{type} + "\n";
        if (!discovery_users.empty()) text += "    Account information:\n\n";
        for (const auto& user : discovery_users) text += "    " + user + "\n";
        text +=
            "iSNS:\n    iSNS=Off\n    iSNSServerIP=\n    iSNSServerPort=3205\n"
            "    iSNSAccessControl=Off\n";
        return {.text = text};
    }

    tgt::Answer of_target(const tgt::Request& request) {
        auto* target = find(request.target);
        if (request.op == Op::show && request.target == tgt::every_target) return {.text = list()};
        if (request.op == Op::make) return make_target(request);
        if (target == nullptr) return refusal(tgt::no_target);
        switch (request.op) {
            case Op::show:
                return {.text = parameters_of(*target)};
            case Op::remove:
                return remove_target(*target, request.by_force);
            case Op::bind:
            case Op::unbind:
                return change_list(*target, request);
            case Op::update:
                return update_target(*target, request.text);
            default:
                return refusal(tgt::invalid_request);
        }
    }

    tgt::Answer make_target(const tgt::Request& request) {
        const auto name = rest_behind(request.text, "targetname=").value_or("");
        const auto is_allowed = [](unsigned char letter) {
            return std::isalnum(letter) != 0 || letter == ':' || letter == '.' || letter == '-';
        };
        if (!std::all_of(name.begin(), name.end(), is_allowed))
            return refusal(tgt::invalid_request);
        for (const auto& [number, target] : targets)
            if (number == request.target || target.name == name) return refusal(tgt::target_exists);
        auto& target = targets[request.target];
        target.number = request.target;
        target.name = name;
        auto& controller = target.units[0];
        controller.type = "controller";
        controller.driver = "null";
        controller.path = "None";
        controller.block_size = 1;
        identify(target, controller);
        return {};
    }

    static void identify(const Target& target, Unit& unit) {
        std::ostringstream id;
        id << "IET     " << std::hex;
        const auto four = [&](std::uint64_t value) {
            id.width(4);
            id.fill('0');
            id << value;
        };
        four(static_cast<std::uint64_t>(target.number));
        four(unit.number);
        unit.scsi_id = id.str();
        unit.serial = "beaf" + std::to_string(target.number) + std::to_string(unit.number);
        unit.online = true;
    }

    tgt::Answer remove_target(Target& target, bool by_force) {
        if (!target.connections.empty() && !by_force) return refusal(tgt::target_is_busy);
        while (!target.made.empty()) {
            auto& unit = target.units.at(target.made.front());
            if (unit.in_use) return refusal(tgt::unit_is_busy);
            target.units.erase(unit.number);
            target.made.pop_front();
        }
        targets.erase(target.number);
        return {};
    }

    static tgt::Answer change_list(Target& target, const tgt::Request& request) {
        if (request.text.empty()) return {};
        const auto name = rest_behind(request.text, "initiator-name=");
        const auto address = rest_behind(request.text, "initiator-address=");
        if (!name && !address) return refusal(tgt::invalid_request);
        // An address first: what fails with it leaves a name as it was.
        if (address)
            if (const auto code = change(target.addresses, request.op, *address))
                return refusal(code);
        return refusal(name ? change(target.names, request.op, *name) : 0);
    }

    static std::uint32_t change(std::vector<std::string>& list, Op op, const std::string& entry) {
        const auto at = std::find(list.begin(), list.end(), entry);
        if (op == Op::bind) {
            if (at != list.end()) return tgt::list_entry_exists;
            list.push_back(entry);
        } else {
            if (at == list.end()) return tgt::no_list_entry;
            list.erase(at);
        }
        return 0;
    }

    static bool fits(const std::string& name, const std::string& value) {
        static const std::set<std::string> of_two{
            "InitialR2T", "ImmediateData", "DataPDUInOrder", "DataSequenceInOrder",
            "IFMarker",   "OFMarker",      "RDMAExtensions"};
        if (of_two.contains(name)) return value == "Yes" || value == "No";
        if (name.ends_with("Digest"))
            return value == "None" || value == "CRC32C" || value == "None,CRC32C";
        const auto number = text::number<std::uint32_t>(value);
        return number && *number < (1U << 24);
    }

    static tgt::Answer update_target(Target& target, const std::string& text) {
        const auto equals = text.find('=');
        if (equals == std::string::npos) return refusal(22);
        const auto name = text.substr(0, equals);
        const auto value = text.substr(equals + 1);
        if (name == "state") {
            if (value != "ready" && value != "offline") return refusal(tgt::invalid_request);
            target.state = value;
            return {};
        }
        for (auto& parameter : target.parameters)
            if (parameter.name == name && fits(name, value)) {
                // Both are kept as a set, and told as their last word.
                parameter.value = value == "None,CRC32C" ? "CRC32C" : value;
                return {};
            }
        return refusal(tgt::invalid_request);
    }

    tgt::Answer of_device(const tgt::Request& request) {
        auto* target = find(request.target);
        if (request.op == Op::make) return make_unit(target, request);
        const auto at =
            target ? target->units.find(request.unit) : decltype(target->units.find(0)){};
        if (target == nullptr)
            return refusal(request.op == Op::update ? tgt::no_target : tgt::no_such_unit);
        if (at == target->units.end()) return refusal(tgt::no_such_unit);
        if (request.op == Op::update) return update_unit(at->second, keys(request.text));
        if (request.op != Op::remove) return refusal(22);
        if (request.unit == 0) return refusal(tgt::invalid_request);
        if (at->second.in_use) return refusal(tgt::unit_is_busy);
        target->made.remove(request.unit);
        target->units.erase(at);
        return {};
    }

    tgt::Answer make_unit(Target* target, const tgt::Request& request) {
        if (target == nullptr) return refusal(tgt::no_target);
        if (target->units.contains(request.unit)) return refusal(tgt::unit_exists);
        Unit unit;
        unit.number = request.unit;
        unit.type = request.device_type == 255 ? "passthrough" : "disk";
        unit.driver = "rdwr";
        unit.block_size = 512;
        for (const auto& [name, value] : keys(request.text)) {
            if (name == "path") unit.path = value;
            if (name == "bstype") unit.driver = value;
            if (name == "bsoflags") unit.flags = value;
            if (name == "bsopts") unit.more[name] = value;
            if (name == "blocksize") unit.block_size = text::number<unsigned>(value).value_or(0);
        }
        static const std::set<std::string> drivers{"rdwr", "aio", "null", "sg", "bsg", "ssc"};
        static const std::set<std::string> flags{"", "sync", "direct", "sync:direct"};
        if (!drivers.contains(unit.driver) || !flags.contains(unit.flags) ||
            (unit.driver == "aio" && unit.flags == "direct"))
            return refusal(tgt::invalid_request);
        if (unit.driver == "null")
            unit.bytes = std::uint64_t{1} << 40;
        else if (const auto file = files.find(unit.path); file != files.end())
            unit.bytes = file->second;
        else
            return refusal(tgt::invalid_request);
        identify(*target, unit);
        target->units[unit.number] = unit;
        target->made.push_front(unit.number);
        return {};
    }

    static tgt::Answer update_unit(Unit& unit, const std::vector<tgt::Parameter>& wanted) {
        static const std::set<std::string> unseen{
            "vendor_id",    "product_id",        "product_rev",     "mode_page",
            "sense_format", "rotation_rate",     "lbppbe",          "thin_provisioning",
            "la_lba",       "optimal_xfer_gran", "optimal_xfer_len"};
        for (const auto& [name, value] : wanted) {
            if (name == "scsi_id")
                unit.scsi_id = value.substr(0, 36);
            else if (name == "scsi_sn")
                unit.serial = value.substr(0, 36);
            else if (name == "online")
                unit.online = value == "1";
            else if (name == "readonly")
                unit.read_only = value == "1";
            else if (name == "removable")
                unit.removable = value == "1";
            else if (unseen.contains(name))
                unit.more[name] = value;
            else
                return refusal(tgt::invalid_request);
        }
        return {};
    }

    tgt::Answer of_portal(const tgt::Request& request) {
        if (request.op == Op::show) {
            std::string text;
            for (const auto& portal : portals) text += "Portal: " + portal + ",1\n";
            return {.text = text};
        }
        // One: what follows a comma is another key, and no key has this name.
        for (const auto& [name, word] : keys(request.text)) {
            const auto portal = with_port(word);
            const auto at = std::find(portals.begin(), portals.end(), portal);
            if (request.op == Op::remove && at != portals.end())
                portals.erase(at);
            else if (request.op == Op::make && can_listen(portal))
                portals.insert(portals.begin(), portal);
            else
                return refusal(tgt::invalid_request);
        }
        return {};
    }

    static std::string with_port(const std::string& word) {
        const bool has_port = word.starts_with('[') ? word.find("]:") != std::string::npos
                                                    : word.find(':') != std::string::npos;
        return has_port ? word : word + ":3260";
    }

    bool can_listen(const std::string& portal) const {
        const auto ip = portal.substr(0, portal.rfind(':'));
        const auto port = portal.substr(portal.rfind(':'));
        const bool six = ip.starts_with('[');
        const auto any = (six ? "[::]" : "0.0.0.0") + port;
        if (!here.contains(ip)) return false;
        return std::none_of(portals.begin(), portals.end(), [&](const std::string& one) {
            return one == portal || one == any ||
                   (portal == any && one.ends_with(port) && one.starts_with('[') == six);
        });
    }

    tgt::Answer of_connection(const tgt::Request& request) {
        auto* target = find(request.target);
        if (target == nullptr) return refusal(tgt::no_target);
        auto& all = target->connections;
        if (request.op == Op::show) {
            std::string text;
            for (const auto& one : all)
                text = "Session: " + std::to_string(one.session) +
                       "\n    Connection: " + std::to_string(one.number) +
                       "\n        Initiator: " + one.initiator +
                       "\n        IP Address: " + one.address + "\n" + text;
            return {.text = text};
        }
        const auto of_session = [&](const auto& one) { return one.session == request.session; };
        if (std::none_of(all.begin(), all.end(), of_session)) return refusal(tgt::no_such_session);
        const auto ended = std::erase_if(all, [&](const auto& one) {
            return of_session(one) && one.number == request.connection;
        });
        return ended > 0 ? tgt::Answer{} : refusal(tgt::no_such_connection);
    }

    tgt::Answer of_account(const tgt::Request& request) {
        if (request.op == Op::show) {
            std::string text = accounts.empty() ? "" : "Account list:\n";
            for (const auto& [user, password] : accounts) text += "    " + user + "\n";
            return {.text = text};
        }
        std::string user, password;
        for (const auto& [name, value] : keys(request.text))
            (name == "user" ? user : password) = value;
        const auto at = std::find_if(accounts.begin(), accounts.end(),
                                     [&](const auto& one) { return one.first == user; });
        if (request.op == Op::make) {
            if (user.empty() || password.empty()) return refusal(tgt::invalid_request);
            if (at != accounts.end()) return refusal(tgt::user_exists);
            accounts.insert(accounts.begin(), {user, password});
            return {};
        }
        if (at == accounts.end()) return refusal(tgt::no_such_user);
        if (request.op == Op::remove) {
            accounts.erase(at);
            for (auto& [number, target] : targets) unbind(target.users, target.own_user, user);
            std::string none;
            unbind(discovery_users, none, user);
            return {};
        }
        return bind(request, user);
    }

    static bool unbind(std::vector<std::string>& users, std::string& own, const std::string& user) {
        const bool was_own = own == user;
        if (was_own) own.clear();
        return std::erase(users, user) > 0 || was_own;
    }

    tgt::Answer bind(const tgt::Request& request, const std::string& user) {
        std::string of_discovery;
        auto* target = find(request.target);
        if (target == nullptr && request.target != tgt::every_target)
            return refusal(tgt::no_target);
        auto& users = target ? target->users : discovery_users;
        auto& own = target ? target->own_user : of_discovery;
        if (request.op == Op::unbind)
            return unbind(users, own, user) ? tgt::Answer{} : refusal(tgt::no_such_user);
        if (request.outgoing) {
            if (!own.empty()) return refusal(18);
            own = user;
            return {};
        }
        if (std::find(users.begin(), users.end(), user) != users.end())
            return refusal(tgt::user_exists);
        users.push_back(user);
        return {};
    }

    static std::string parameters_of(const Target& target) {
        std::string text;
        for (const auto& [name, value] : target.parameters) text += name + "=" + value + "\n";
        return text;
    }

    std::string list() const {
        std::string text;
        for (const auto& [number, target] : targets) text += list(target);
        return text;
    }

    static std::string list(const Target& target) {
        std::string text =
            "Target " + std::to_string(target.number) + ": " + target.name +
            "\n    System information:\n        Driver: iscsi\n        State: " + target.state +
            "\n    I_T nexus information:\n";
        for (const auto& one : target.connections)
            text += "        I_T nexus: " + std::to_string(one.session) +
                    "\n            Initiator: " + one.initiator +
                    " alias: none\n            Connection: " + std::to_string(one.number) +
                    "\n                IP Address: " + one.address + "\n";
        text += "    LUN information:\n";
        for (const auto& [number, unit] : target.units) text += list(unit);
        text += "    Account information:\n";
        for (const auto& user : target.users) text += "        " + user + "\n";
        if (!target.own_user.empty()) text += "        " + target.own_user + " (outgoing)\n";
        text += "    ACL information:\n";
        for (const auto* entries : {&target.addresses, &target.names})
            for (const auto& entry : *entries) text += "        " + entry + "\n";
        return text;
    }

    static std::string list(const Unit& unit) {
        const auto yes = [](bool is) { return is ? "Yes" : "No"; };
        std::ostringstream text;
        // The size is rounded to decimal megabytes.
        text << "        LUN: " << unit.number << "\n            Type: " << unit.type
             << "\n            SCSI ID: " << unit.scsi_id
             << "\n            SCSI SN: " << unit.serial
             << "\n            Size: " << (unit.bytes + 500000) / 1000000
             << " MB, Block size: " << unit.block_size
             << "\n            Online: " << yes(unit.online)
             << "\n            Removable media: " << yes(unit.removable)
             << "\n            Prevent removal: No\n            Readonly: " << yes(unit.read_only)
             << "\n            SWP: No\n            Thin-provisioning: No"
             << "\n            Backing store type: " << unit.driver
             << "\n            Backing store path: " << unit.path
             << "\n            Backing store flags: " << unit.flags << "\n";
        return text.str();
    }

public:
    std::set<std::string> here{"0.0.0.0", "[::]", "127.0.0.1", "127.0.0.2", "[::1]"};
};

}  // namespace san::test
