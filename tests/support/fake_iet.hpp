// SPDX-License-Identifier: GPL-2.0-or-later
// IET as its sources describe it, 1.4.20.2: what module and ietd take, what they refuse and with
// which errno, and the text of /proc/net/iet and of ietadm to the byte. There is no node that runs
// it; this is what its documented interface amounts to.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/iet.hpp"
#include "kernel/iet_listing.hpp"

namespace san::test {

class Fake_iet final : public iet::Control {
public:
    struct Unit : iet::Unit {
        std::map<std::string, std::string> keys{};  ///< in lower case, as they were given
        bool in_use = false;                        ///< a command of it is at work
    };
    struct Session {
        std::uint64_t number = 0;
        std::string initiator{};
        std::string address{};
        bool is_stuck = false;  ///< its commands do not come back
        bool is_closing = false;
        int lingers = 1;  ///< how many questions it outlives once it is closing
    };
    struct Target {
        std::uint32_t number = 0;
        std::string name{};
        std::list<Unit> units{};
        std::list<Session> sessions{};
        int counted_units = 0;  ///< nr_volumes
        std::map<std::string, std::string> login_parameters = login_defaults();
        std::map<std::string, std::string> parameters = defaults();
    };
    struct Account {
        std::uint32_t target = 0;
        bool outgoing = false;
        std::string user{}, password{};
        friend bool operator==(const Account&, const Account&) = default;
    };

    bool is_loaded = false;  ///< the module, and with it ietd
    bool has_daemon = true;  ///< else nobody listens, as while it starts
    bool answers = true;     ///< else time is up
    bool is_locked = false;  ///< somebody holds the module's list
    std::string version = "1.4.20.2";
    std::function<void(const std::string&)> before = [](const std::string&) {};
    std::set<std::string> files{};   ///< what can be opened
    std::list<Target> targets{};     ///< the newest first
    std::deque<Account> accounts{};  ///< the newest first
    std::vector<iet::Request> asked{};
    std::vector<iet::Request> waiting{};  ///< what it will do when it answers again

    /// As when ietd ends: the module lets go of all.
    void end() {
        has_daemon = false;
        waiting.clear();
        targets.clear();
        accounts.clear();
    }

    std::optional<std::string> volumes(const Deadline&) override {
        if (!is_loaded) return {};
        expect_unlocked();
        std::string text;
        for (const auto& target : targets) {
            text += head(target);
            for (const auto& unit : target.units) text += line(unit);
        }
        return text;
    }

    std::optional<std::string> sessions(const Deadline&) override {
        if (!is_loaded) return {};
        expect_unlocked();
        let_time_pass();
        std::string text;
        for (const auto& target : targets) {
            text += head(target);
            for (const auto& one : target.sessions)
                text += "\tsid:" + std::to_string(one.number) + " initiator:" + one.initiator +
                        "\n\t\tcid:0 ip:" + one.address +
                        " state:" + (one.is_closing ? "closing" : "active") + " hd:none dd:none\n";
        }
        return text;
    }

    iet::Answer ask(const iet::Request& request, const Deadline&) override {
        const bool changes = request.words.at(1) != "show";
        if (changes) before(text::joined(request.words, " "));
        asked.push_back(request);
        if (!has_daemon || !is_loaded) return refusal(ECONNREFUSED);
        if (!answers) waiting.push_back(request);
        if (!answers)
            throw Error{Kind::failed, "ietadm " + text::joined(request.words, " ") +
                                          ": did not finish within the time allowed"};
        catch_up();
        let_time_pass();
        return answer(request.words);
    }

    iet::Account_answer ask(const iet::Account_request& request, const Deadline&) override {
        if (!speaks_of_accounts()) throw Error{Kind::not_installed, "expected 1.4.20"};
        iet::encode(request);
        const bool changes =
            request.op == iet::Account_op::make || request.op == iet::Account_op::remove;
        if (changes) before("account " + request.user);
        if (!has_daemon || !is_loaded) throw Error{Kind::failed, "ietd is not running"};
        if (!answers) throw Error{Kind::failed, "ietd does not answer"};
        catch_up();
        return answer(request);
    }
    bool speaks_of_accounts() override { return is_loaded && iet::speaks_of_accounts(version); }

    Target* find(const std::string& name) {
        for (auto& target : targets)
            if (target.name == name) return &target;
        return nullptr;
    }

private:
    static std::map<std::string, std::string> defaults() {
        return {{"Wthreads", "8"},
                {"Type", "0"},
                {"QueuedCommands", "32"},
                {"NOPInterval", "0"},
                {"NOPTimeout", "0"}};
    }
    static std::map<std::string, std::string> login_defaults() {
        return {{"InitialR2T", "Yes"},        {"ImmediateData", "Yes"},
                {"MaxConnections", "1"},      {"MaxRecvDataSegmentLength", "8192"},
                {"MaxBurstLength", "262144"}, {"FirstBurstLength", "65536"},
                {"HeaderDigest", "None"},     {"DataDigest", "None"}};
    }

    static iet::Answer refusal(int errnum) {
        return {.errnum = errnum, .text = std::string{std::strerror(errnum)} + "."};
    }

    void expect_unlocked() const {
        if (is_locked) throw Error{Kind::failed, "time is up while waiting for whoever changes"};
    }

    void catch_up() {
        for (const auto& one : std::exchange(waiting, {})) answer(one.words);
    }

    void let_time_pass() {
        for (auto& target : targets)
            target.sessions.remove_if(
                [](Session& one) { return one.is_closing && !one.is_stuck && one.lingers-- <= 0; });
    }

    static std::string head(const Target& target) {
        return "tid:" + std::to_string(target.number) + " name:" + target.name + "\n";
    }

    static std::string line(const Unit& unit) {
        std::string text = "\tlun:" + std::to_string(unit.number) +
                           " state:" + (unit.is_leaving ? "1" : "0") + " iotype:" + unit.type +
                           " iomode:" + unit.mode +
                           " blocks:131072 blocksize:" + std::to_string(unit.block_size);
        if (!unit.path.empty()) text += " path:" + unit.path;
        return text + "\n";
    }

    using Words = std::map<std::string, std::string>;

    static Words options(const std::vector<std::string>& words) {
        Words found{{"op", words.at(1)}};
        for (std::size_t at = 2; at < words.size(); ++at) {
            const auto equals = words[at].find('=');
            found[words[at].substr(2, equals - 2)] = words[at].substr(equals + 1);
        }
        return found;
    }

    static std::vector<iet::Parameter> keys(std::string_view text) {
        std::vector<iet::Parameter> found;
        while (!text.empty()) {
            const auto word = text.substr(0, text.find(','));
            text.remove_prefix(std::min(word.size() + 1, text.size()));
            if (const auto equals = word.find('='); equals != std::string_view::npos)
                found.push_back(
                    {std::string{word.substr(0, equals)}, std::string{word.substr(equals + 1)}});
        }
        return found;
    }

    template <class Number>
    static Number number(const Words& words, const char* name) {
        return text::number<Number>(words.at(name)).value();
    }

    iet::Answer answer(const std::vector<std::string>& given) {
        const auto words = options(given);
        const auto tid = number<std::uint32_t>(words, "tid");
        const auto target = std::find_if(targets.begin(), targets.end(),
                                         [&](const Target& one) { return one.number == tid; });
        const bool is_there = target != targets.end();
        const auto& op = words.at("op");
        if (words.contains("lun")) {
            if (!is_there) return refusal(ENOENT);
            return op == "new" ? make_unit(*target, words) : remove_unit(*target, words);
        }
        if (words.contains("cid"))
            return is_there ? end_connection(*target, words) : refusal(ENOENT);
        if (op == "new") return make_target(tid, is_there, words);
        if (!is_there) return refusal(ENOENT);
        if (op == "update") return update(*target, words);
        if (op == "show") return show(*target, words.contains("sid"));
        // ietd looks after its own list of sessions, before it asks the module.
        if (!target->sessions.empty()) return refusal(EBUSY);
        std::erase_if(accounts, [&](const Account& one) { return one.target == tid; });
        targets.erase(target);
        return {};
    }

    iet::Answer make_target(std::uint32_t tid, bool is_there, const Words& words) {
        const auto all = keys(words.at("params"));
        if (all.size() != 1 || all.front().name != "Name") return refusal(EINVAL);
        for (const auto& one : targets)
            if (text::lower(one.name) == text::lower(all.front().value)) return refusal(EINVAL);
        if (is_there) return refusal(EEXIST);
        if (tid == 0) throw std::logic_error{"the fake leaves no number to the module"};
        targets.push_front({.number = tid, .name = all.front().value});
        return {};
    }

    /// What becomes of a value: out of bounds it is the lower one. Nothing for a word that is not
    /// one of those that there are.
    static std::optional<std::string> taken(const std::string& name, const std::string& value) {
        if (name == "InitialR2T" || name == "ImmediateData")
            return value == "Yes" || value == "No" ? std::optional{value} : std::nullopt;
        if (name.ends_with("Digest"))
            return value == "None" || value == "CRC32C" ? std::optional{value} : std::nullopt;
        static const std::map<std::string, std::pair<long, long>> bounds{
            {"Wthreads", {1, 128}},   {"QueuedCommands", {1, 256}},
            {"NOPInterval", {0, 90}}, {"NOPTimeout", {0, 90}},
            {"Type", {0, 16}},        {"MaxConnections", {1, 65535}}};
        const auto bound = bounds.find(name);
        const auto [least, most] =
            bound == bounds.end() ? std::pair<long, long>{512, 16777215} : bound->second;
        const auto number = std::strtol(value.c_str(), nullptr, 0);
        return std::to_string(number < least || number > most ? least : number);
    }

    static iet::Answer update(Target& target, const Words& words) {
        for (const auto& [name, value] : keys(words.at("params"))) {
            auto* all = &target.parameters;
            if (!all->contains(name)) all = &target.login_parameters;
            if (!all->contains(name))
                return {.errnum = EINVAL, .text = "Unknown parameter \"" + name + "\"."};
            const auto found = taken(name, value);
            if (!found)
                return {.errnum = EINVAL, .text = "Invalid " + name + " value \"" + value + "\"."};
            (*all)[name] = *found;
        }
        return {};
    }

    static iet::Answer show(const Target& target, bool of_login) {
        std::string text;
        for (const auto& [name, value] : of_login ? target.login_parameters : target.parameters)
            text += name + "=" + value + "\n";
        return {.errnum = 0, .text = text};
    }

    iet::Answer make_unit(Target& target, const Words& words) {
        Unit unit;
        unit.number = number<std::uint32_t>(words, "lun");
        for (const auto& one : target.units)
            if (one.number == unit.number) return refusal(EEXIST);
        if (unit.number > 0x3fff) return refusal(EINVAL);
        unit.type = "fileio";
        unit.mode = "wt";
        unit.block_size = 512;
        for (const auto& [name, value] : keys(words.at("params"))) {
            const auto key = text::lower(name);
            unit.keys[key] = value;
            if (key == "type") {
                if (value != "fileio" && value != "blockio" && value != "nullio")
                    return refusal(ENOENT);
                unit.type = value;
            } else if (key == "iomode") {
                if (value != "ro" && value != "wb" && value != "wt") return refusal(EINVAL);
                unit.mode = value;
            } else if (key == "blocksize") {
                unit.block_size = text::number<unsigned>(value).value_or(0);
                if (unit.block_size < 512 || unit.block_size > 4096) return refusal(EINVAL);
            } else if ((key == "scsiid" && value.size() > 16) ||
                       (key == "scsisn" && value.size() > 32)) {
                return refusal(EINVAL);
            } else if (key == "path") {
                unit.path = value;
            } else if (key != "scsiid" && key != "scsisn") {
                return refusal(EINVAL);
            }
        }
        if (unit.path.empty()) return refusal(EINVAL);
        if (!files.contains(unit.path)) return refusal(ENOENT);
        if (unit.type == "blockio" && unit.mode == "wb") unit.mode = "wt";
        target.units.push_back(unit);
        ++target.counted_units;
        return {};
    }

    static iet::Answer remove_unit(Target& target, const Words& words) {
        const auto lun = number<std::uint32_t>(words, "lun");
        for (auto unit = target.units.begin(); unit != target.units.end(); ++unit) {
            if (unit->number != lun) continue;
            --target.counted_units;
            unit->is_leaving = true;
            if (!unit->in_use) target.units.erase(unit);
            return {};
        }
        return refusal(ENOENT);
    }

    static iet::Answer end_connection(Target& target, const Words& words) {
        for (auto& one : target.sessions) {
            if (one.number != number<std::uint64_t>(words, "sid")) continue;
            if (number<std::uint32_t>(words, "cid") != 0) return refusal(EEXIST);
            one.is_closing = true;
            return {};
        }
        return refusal(ENOENT);
    }

    iet::Account_answer answer(const iet::Account_request& request) {
        const auto is_of = [&](const Account& one) {
            return one.target == request.target && one.outgoing == request.outgoing;
        };
        if (request.op == iet::Account_op::list) {
            iet::Account_answer found;
            for (const auto& one : accounts)
                if (is_of(one)) found.users.push_back(one.user);
            found.more = found.users.size() > 8;
            if (found.more) found.users.resize(8);
            return found;
        }
        if (request.op == iet::Account_op::make) {
            if (request.outgoing) std::erase_if(accounts, is_of);
            accounts.push_front(
                {request.target, request.outgoing, request.user, request.password.reveal()});
            return {};
        }
        const auto at = std::find_if(accounts.begin(), accounts.end(), [&](const Account& one) {
            return is_of(one) && (request.user.empty() || one.user == request.user);
        });
        if (at == accounts.end()) return {.errnum = ENOENT};
        if (request.op == iet::Account_op::show) return {.password = Secret{at->password}};
        accounts.erase(at);
        return {};
    }
};

}  // namespace san::test
