// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <charconv>
#include <fstream>
#include <getopt.h>
#include <map>
#include <netdb.h>
#include <random>
#include <string_view>
#include <vector>

#include "reservation.hpp"

namespace initiator {

const char* const usage_text =
    "san-initiator write  --url URL --log FILE --blocks N --rate R [--seconds S] [--progress]\n"
    "san-initiator verify --url URL --log FILE [--connect-seconds S]\n"
    "san-initiator login  --url URL [--seconds S]\n"
    "san-initiator stall  --url URL                          half a write, until it is ended\n"
    "san-initiator path   --url URL\n"
    "san-initiator register --url URL [--key OLD] --new-key NEW [--aptpl]\n"
    "san-initiator reserve|release|clear --url URL --key K   write exclusive\n"
    "san-initiator keys|holder --url URL\n"
    "san-initiator write-one --url URL                        the last block of the unit\n"
    "\n"
    "  URL                    iscsi://HOST[:PORT]/IQN/LUN\n"
    "  --log FILE             intents and acknowledgements; write wants a new or an empty file\n"
    "  --blocks N             slots of 4 KiB, written round robin\n"
    "  --rate R               blocks per second\n"
    "  --seconds S            write: end after S seconds; login: try for S seconds (default once)\n"
    "  --connect-seconds S    verify: longest outage to sit out (default 60)\n"
    "  --timeout S            wait for one answer (default 5), then connect again\n"
    "  --initiator-name IQN   default iqn.2026-01.com.example:san-initiator\n"
    "  --isid HEX             6 digits, the random part of the ISID (default: drawn)\n"
    "  --key, --new-key HEX   persistent reservation keys, as sg_persist takes them\n"
    "  --aptpl                register so that it shall survive a loss of power\n"
    "  --user U --password-file F   CHAP\n"
    "  --target-user U --target-password-file F   what the target has to show in turn\n"
    "  --plain                write: without FUA, which LIO refuses where there is no cache\n"
    "  --progress             one line on stderr for each loss and resumption\n"
    "\n"
    "One JSON object on stdout. Exit 0 good, 1 bad (lost, torn, nothing written, no login,\n"
    "reservation conflict), 2 usage or connection error.\n";

namespace {

using std::chrono::milliseconds;

[[noreturn]] void reject(const std::string& option, const std::string& value,
                         const std::string& expected) {
    throw Usage_error("--" + option + " '" + value + "': expected " + expected);
}

template <class Number>
Number parse_number(const std::string& option, const std::string& value, Number least, Number most,
                    const std::string& expected) {
    Number number{};
    const auto* end = value.data() + value.size();
    const auto [stop, problem] = std::from_chars(value.data(), end, number);
    // Written so that "nan" fails as well.
    if (problem != std::errc{} || stop != end || !(number >= least && number <= most))
        reject(option, value, expected);
    return number;
}

std::uint64_t parse_hex(const std::string& option, const std::string& value, std::uint64_t most,
                        const std::string& expected) {
    std::uint64_t number{};
    const auto* end = value.data() + value.size();
    const auto [stop, problem] = std::from_chars(value.data(), end, number, 16);
    if (problem != std::errc{} || stop != end || number > most) reject(option, value, expected);
    return number;
}

milliseconds parse_seconds(const std::string& option, const std::string& value) {
    const auto seconds =
        parse_number(option, value, 0.001, 1e6, "seconds, more than 0 and at most 1000000");
    return milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

// The service address in the form iscsi_connect_async() takes: numeric, IPv6 in brackets.
std::string resolve(const std::string& url, const std::string& host, const std::string& port) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const auto problem = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
    if (problem != 0)
        reject("url", url, "a host that resolves; '" + host + "': " + gai_strerror(problem));
    const Owned<addrinfo, freeaddrinfo> found{list};
    char text[NI_MAXHOST];
    ::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    const auto address = std::string{text};
    return (found->ai_family == AF_INET6 ? "[" + address + "]" : address) + ":" + port;
}

void parse_url(const std::string& url, Peer& peer) {
    constexpr std::string_view scheme = "iscsi://";
    const auto expected = "iscsi://HOST[:PORT]/IQN/LUN";
    if (!url.starts_with(scheme)) reject("url", url, expected);
    const auto iqn_at = url.find('/', scheme.size());
    if (iqn_at == std::string::npos) reject("url", url, expected);
    const auto lun_at = url.find('/', iqn_at + 1);
    if (lun_at == std::string::npos) reject("url", url, expected);

    auto host = url.substr(scheme.size(), iqn_at - scheme.size());
    std::string port = "3260";
    const auto colon = host.rfind(':');
    const auto bracket = host.find(']');
    if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
        port = host.substr(colon + 1);
        host.erase(colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) reject("url", url, expected);
    parse_number("url", port, 1, 65535, "a port from 1 to 65535 in '" + url + "'");

    peer.target = url.substr(iqn_at + 1, lun_at - iqn_at - 1);
    // 223 bytes: RFC 7143, section 4.2.7.1.
    if (peer.target.empty() || peer.target.size() > 223) reject("url", url, expected);
    // libiscsi writes the number as it is, which is right for one-level LUNs only.
    peer.lun = parse_number("url", url.substr(lun_at + 1), 0, 255,
                            "a LUN from 0 to 255 at the end of '" + url + "'");
    peer.portal = resolve(url, host, port);
}

std::string read_password(const std::string& option, const std::string& path) {
    std::ifstream file(path);
    std::string password;
    if (!std::getline(file, password) || password.empty())
        reject(option, path, "a readable file with the password on its first line");
    return password;
}

using Values = std::map<std::string, std::string>;

Action parse_action(const std::string& word) {
    if (word == "write") return Action::write;
    if (word == "verify") return Action::verify;
    if (word == "login") return Action::login;
    if (word == "stall") return Action::stall;
    if (word == "path") return Action::path;
    if (is_reservation_verb(word)) return Action::reservation;
    if (word == "help" || word == "--help" || word == "-h") return Action::help;
    throw Usage_error("'" + word +
                      "': expected write, verify, login, path, stall or a verb of reservations");
}

// What each action takes; everything else is refused rather than ignored.
std::vector<std::string> accepted(Action action) {
    std::vector<std::string> names = {
        "url",         "initiator-name",       "user",    "password-file",
        "target-user", "target-password-file", "timeout", "isid"};
    const auto more =
        action == Action::write
            ? std::vector<std::string>{"log", "blocks", "rate", "seconds", "progress", "plain"}
        : action == Action::verify ? std::vector<std::string>{"log", "connect-seconds"}
        : action == Action::reservation
            ? std::vector<std::string>{"key", "new-key", "aptpl", "seconds"}
        : action == Action::login ? std::vector<std::string>{"seconds"}
                                  : std::vector<std::string>{};
    names.insert(names.end(), more.begin(), more.end());
    return names;
}

Values collect(Action action, int count, char** words) {
    const auto names = accepted(action);
    std::vector<option> table;
    table.reserve(names.size() + 1);
    // Distinct results, or getopt_long() would take an ambiguous abbreviation for the first match.
    constexpr int first_result = 256;
    for (const auto& name : names)
        table.push_back({name.c_str(),
                         name == "progress" || name == "aptpl" || name == "plain"
                             ? no_argument
                             : required_argument,
                         nullptr, first_result + static_cast<int>(table.size())});
    table.push_back({nullptr, 0, nullptr, 0});

    Values values;
    opterr = 0;
    optind = 1;
    for (;;) {
        const auto before = optind;
        // The leading colon tells a missing value from an unknown option.
        const auto result = ::getopt_long(count, words, "+:", table.data(), nullptr);
        if (result == -1) break;
        const std::string word = words[before];
        if (result == ':') throw Usage_error("'" + word + "': expected a value behind it");
        if (result < first_result) {
            std::string list;
            for (const auto& name : names) list += " --" + name;
            throw Usage_error("'" + word + "': expected one of" + list);
        }
        values[names[static_cast<std::size_t>(result - first_result)]] =
            optarg != nullptr ? optarg : "";
    }
    if (optind < count)
        throw Usage_error("'" + std::string{words[optind]} + "': expected nothing more");
    return values;
}

void require(const Values& values, const std::string& name, const std::string& expected) {
    if (!values.contains(name))
        throw Usage_error("--" + name + " is missing: expected " + expected);
}

void set_option(Options& options, const std::string& name, const std::string& value) {
    if (name == "url") parse_url(value, options.peer);
    if (name == "log") options.log = value;
    if (name == "blocks")
        options.blocks =
            parse_number<std::uint64_t>(name, value, 1, 1 << 24, "a number from 1 to 16777216");
    if (name == "rate")
        options.rate =
            parse_number(name, value, 0.01, 10000.0, "blocks per second, from 0.01 to 10000");
    if (name == "seconds") options.seconds = parse_seconds(name, value);
    if (name == "connect-seconds") options.connect_seconds = parse_seconds(name, value);
    if (name == "timeout") options.peer.answer_timeout = parse_seconds(name, value);
    if (name == "initiator-name") {
        if (value.empty() || value.size() > 223) reject(name, value, "a name of 1 to 223 bytes");
        options.peer.initiator_name = value;
    }
    if ((name == "user" || name == "target-user") && value.empty())
        reject(name, value, "a CHAP user name");
    if (name == "user") options.peer.user = value;
    if (name == "password-file") options.peer.password = read_password(name, value);
    if (name == "target-user") options.peer.target_user = value;
    if (name == "target-password-file") options.peer.target_password = read_password(name, value);
    if (name == "progress") options.progress = true;
    if (name == "plain") options.fua = false;
    if (name == "aptpl") options.aptpl = true;
    if (name == "isid")
        options.peer.isid =
            static_cast<std::uint32_t>(parse_hex(name, value, 0xffffff, "up to 6 hex digits"));
    if (name == "key") options.key = parse_hex(name, value, ~0ULL, "up to 16 hex digits");
    if (name == "new-key") options.new_key = parse_hex(name, value, ~0ULL, "up to 16 hex digits");
}

}  // namespace

Options parse_options(int count, char** words) {
    if (count < 2)
        throw Usage_error(
            "no action: expected write, verify, login, path, stall or a verb of reservations");
    Options options;
    options.action = parse_action(words[1]);
    if (options.action == Action::help) return options;

    options.peer.initiator_name = "iqn.2026-01.com.example:san-initiator";
    options.peer.isid = std::random_device{}() & 0xffffff;
    const auto values = collect(options.action, count - 1, words + 1);
    require(values, "url", "iscsi://HOST[:PORT]/IQN/LUN");
    if (options.action == Action::reservation) options.verb = words[1];
    if (options.action == Action::write || options.action == Action::verify)
        require(values, "log", "a file name");
    if (options.action == Action::write) {
        require(values, "blocks", "the number of slots");
        require(values, "rate", "blocks per second");
    }
    if (values.contains("user") != values.contains("password-file"))
        throw Usage_error("--user and --password-file: expected both or neither");
    if (values.contains("target-user") != values.contains("target-password-file") ||
        (values.contains("target-user") && !values.contains("user")))
        throw Usage_error(
            "--target-user and --target-password-file: expected both, and --user, or neither");
    for (const auto& [name, value] : values) set_option(options, name, value);
    return options;
}

}  // namespace initiator
