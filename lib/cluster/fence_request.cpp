// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_request.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/syslog.hpp"
#include "base/text.hpp"

namespace san::cluster {

namespace {

using std::chrono::seconds;

constexpr unsigned most_nodes = 32;

Error misconfigured(const std::string& what, const std::string& value,
                    const std::string& expected) {
    return Error{Kind::misconfigured, what + "=" + text::quoted(value) + ": expected " + expected};
}

seconds parse_seconds(const std::string& option, const std::string& value) {
    // More than a day is a slip, and larger numbers would overflow deadlines.
    const auto number = text::number<unsigned>(value);
    if (!number || *number > 86400)
        throw misconfigured(option, value, "a number of seconds from 0 to 86400");
    return seconds{*number};
}

/// These become parts of XML ids and of an XPath.
std::string parse_id(const std::string& option, const std::string& value) {
    const auto fits = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' ||
               letter == '.' || static_cast<unsigned char>(letter) >= 0x80;
    };
    if (value.empty() || !std::all_of(value.begin(), value.end(), fits))
        throw misconfigured(option, value, "letters, digits, \"_\", \"-\" and \".\"");
    return value;
}

std::string parse_role(const std::string& option, const std::string& value) {
    const auto lower = text::lower(value);
    if (lower != "master" && lower != "promoted")
        throw misconfigured(option, value, "Master or Promoted");
    return value;
}

/// Where a wrong value costs nothing the default does: a handler that refuses freezes I/O.
void set_unless_wrong(std::string& to, bool right, Fence_request& request,
                      const std::string& option, const std::string& value) {
    if (right)
        to = value;
    else
        request.ignored.push_back(option + "=" + value);
}

std::string not_empty(const std::string& option, const std::string& value) {
    if (value.empty()) throw misconfigured(option, value, "not nothing");
    return value;
}

/// Options with a value, by all their names.
using Setter = std::function<void(Fence_request&, const std::string& option, const std::string&)>;
const std::map<std::string, Setter, std::less<>>& setters() {
    static const auto all = [] {
        std::map<std::string, Setter, std::less<>> map;
        const auto add = [&](std::initializer_list<const char*> names, const Setter& setter) {
            for (const auto* name : names) map[name] = setter;
        };
        add({"-r", "--resource"},
            [](auto& to, const auto&, const auto& value) { to.resource = value; });
        add({"-i", "--master-id"}, [](auto& to, const auto& option, const auto& value) {
            to.options.clone = parse_id(option, value);
        });
        add({"-l", "--role"}, [](auto& to, const auto& option, const auto& value) {
            to.options.role = parse_role(option, value);
        });
        add({"-a", "--fencing-attribute"}, [](auto& to, const auto& option, const auto& value) {
            to.options.attribute = not_empty(option, value);
        });
        add({"-p", "--id-prefix"}, [](auto& to, const auto& option, const auto& value) {
            to.options.prefix = parse_id(option, value);
        });
        add({"-t", "--timeout"}, [](auto& to, const auto& option, const auto& value) {
            to.options.timeout = parse_seconds(option, value);
        });
        add({"-d", "--dc-timeout"}, [](auto& to, const auto& option, const auto& value) {
            to.options.leader_timeout = parse_seconds(option, value);
        });
        add({"-n", "--network-hickup", "--net-hickup"},
            [](auto& to, const auto& option, const auto& value) {
                to.options.hickup = parse_seconds(option, value);
            });
        add({"--logfacility"}, [](auto& to, const auto& option, const auto& value) {
            set_unless_wrong(to.options.facility, log::facility(value).has_value(), to, option,
                             value);
        });
        add({"--flock-timeout"}, [](auto& to, const auto& option, const auto& value) {
            to.options.lock_timeout = parse_seconds(option, value);
        });
        add({"--lock-dir"}, [](auto& to, const auto& option, const auto& value) {
            set_unless_wrong(to.options.lock_directory, value.starts_with('/'), to, option, value);
        });
        add({"--lock-file"}, [](auto& to, const auto& option, const auto& value) {
            to.options.lock_file = not_empty(option, value);
        });
        return map;
    }();
    return all;
}

const std::map<std::string, bool Fence_options::*, std::less<>>& switches() {
    static const std::map<std::string, bool Fence_options::*, std::less<>> all{
        {"--quiet", &Fence_options::quiet},
        {"--unfence-only-if-owner-match", &Fence_options::only_if_owner},
        {"--flock-required", &Fence_options::lock_required},
        {"--CTS-mode", &Fence_options::cts},
        {"--unreachable-peer-is-outdated", &Fence_options::unreachable_is_outdated},
        {"--suicide-on-failure-if-primary", &Fence_options::suicide},
        {"--help", &Fence_options::help},
        {"-h", &Fence_options::help}};
    return all;
}

void take_options(Fence_request& request, const std::vector<std::string>& words) {
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto& word = words[at];
        if (const auto found = switches().find(word); found != switches().end()) {
            request.options.*found->second = true;
            continue;
        }
        const auto equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        const auto name = word.substr(0, equals);
        const auto found = setters().find(name);
        if (found == setters().end()) {
            request.ignored.push_back(word);
        } else if (equals != std::string::npos) {
            found->second(request, name, word.substr(equals + 1));
        } else if (at + 1 < words.size()) {
            found->second(request, name, words[++at]);
        } else {
            throw Error{Kind::misconfigured, name + ": expected a value after it"};
        }
    }
}

std::string variable(const Variables& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
}

Nine parse_nine(const Variables& environment) {
    const auto mask = variable(environment, "UP_TO_DATE_NODES");
    const auto digits =
        mask.starts_with("0x") ? text::number<std::uint64_t>(mask.substr(2), 16) : std::nullopt;
    if (!digits) throw misconfigured("UP_TO_DATE_NODES", mask, "a mask such as 0x00000003");
    const auto mine = variable(environment, "DRBD_MY_NODE_ID");
    const auto id = text::number<unsigned>(mine);
    if (!id || *id >= most_nodes)
        throw misconfigured("DRBD_MY_NODE_ID", mine, "a number from 0 to 31");
    return {*digits, *id};
}

}  // namespace

seconds Fence_options::longest() const { return std::max({timeout, leader_timeout, hickup}); }

std::string Fence_request::lock_path() const {
    if (options.lock_file == "NONE") return {};
    if (options.lock_file.starts_with('/')) return options.lock_file;
    auto name = options.lock_file;
    if (name.empty()) {
        name = "fence." + resource;
        std::replace(name.begin(), name.end(), '/', '_');
    }
    return options.lock_directory + "/" + name;
}

Fence_request parse_request(const std::vector<std::string>& arguments, const Variables& environment,
                            bool at_terminal) {
    Fence_request request;
    request.resource = variable(environment, "DRBD_RESOURCE");
    auto words = arguments;
    const auto extra = text::words(variable(environment, "OCF_RESKEY_unfence_extra_args"));
    words.insert(words.end(), extra.begin(), extra.end());
    take_options(request, words);
    if (request.options.help) return request;

    auto& options = request.options;
    // A person's word; as a line of drbd.conf it would make all of this useless.
    if (options.unreachable_is_outdated && !at_terminal) {
        options.unreachable_is_outdated = false;
        request.ignored.emplace_back("--unreachable-peer-is-outdated (not at a terminal)");
    }
    if (request.resource.empty())
        throw Error{Kind::misconfigured,
                    "DRBD_RESOURCE is not set: expected the name of a DRBD resource there or "
                    "after --resource"};
    parse_id("resource", request.resource);

    for (const auto& word : text::words(variable(environment, "DRBD_MINOR"))) {
        const auto minor = text::number<unsigned>(word);
        if (!minor) throw misconfigured("DRBD_MINOR", word, "numbers of devices");
        request.minors.push_back(*minor);
    }
    // The older name is of one peer; the newer one can list more.
    const auto one = variable(environment, "DRBD_PEER");
    request.peers = text::words(one.empty() ? variable(environment, "DRBD_PEERS") : one);
    for (unsigned id = 0; id < most_nodes; ++id)
        if (auto host = variable(environment, "DRBD_NODE_ID_" + std::to_string(id)); !host.empty())
            request.hosts[id] = host;
    if (!variable(environment, "UP_TO_DATE_NODES").empty()) request.nine = parse_nine(environment);
    // 9 names the peer of a connection by its id only.
    const auto id = text::number<unsigned>(variable(environment, "DRBD_PEER_NODE_ID"));
    if (const auto host = id ? request.hosts.find(*id) : request.hosts.end();
        request.peers.empty() && host != request.hosts.end())
        request.peers = {host->second};
    return request;
}

}  // namespace san::cluster
