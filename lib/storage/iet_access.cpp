// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_access.hpp"

#include <algorithm>
#include <functional>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::iet_access {

namespace {

using Texts = std::vector<std::string>;

constexpr auto directory = "/etc/iet";
// By which those who change the lists take turns: nobody else can open it, and so lock it.
constexpr auto lock_directory = "/run/san-iet";
constexpr auto allow = "initiators.allow";
constexpr auto deny = "initiators.deny";
constexpr auto addresses = "targets.allow";
constexpr auto everybody = "ALL";
constexpr auto blanks = " \t\r\v\f";
// BUFSIZE of usr/plain.c: what does not fit is passed over, and its end read as another line.
constexpr std::size_t longest_line = 4094;

/// An initiator can call itself by any word, but not by none.
std::string line_of(const Iscsi_name& iqn, const Texts& entries) {
    return iqn.to_text() + " " + (entries.empty() ? "," : text::joined(entries, ", "));
}

/// The whole lines of a file, each with its newline. ietd passes over an end without one.
void each_line(std::string_view file, const std::function<void(std::string_view)>& take) {
    for (auto end = file.find('\n'); end != std::string_view::npos; end = file.find('\n')) {
        take(file.substr(0, end + 1));
        file.remove_prefix(end + 1);
    }
}

std::string_view unfinished_end(std::string_view file) {
    const auto last = file.rfind('\n');
    return file.substr(last == std::string_view::npos ? 0 : last + 1);
}

/// The first word of a line that has another one, and is no comment. Empty: there is none.
std::string_view subject_of(std::string_view line) {
    line.remove_suffix(1);
    const auto begin = std::min(line.find_first_not_of(blanks), line.size());
    line.remove_prefix(begin);
    const auto end = line.find_first_of(blanks);
    if (end == std::string_view::npos || line.starts_with('#')) return {};
    return line.substr(0, end);
}

bool is_of(std::string_view line, const Iscsi_name& iqn) {
    return text::lower(subject_of(line)) == text::lower(iqn.to_text());
}

std::optional<std::filesystem::path> find_file(const char* name, const Files& files) {
    for (const auto* place : {directory, "/etc"})
        if (auto path = std::filesystem::path{place} / name; files.exists(path)) return path;
    return {};
}

std::optional<Texts> decision_in(const char* name, const Iscsi_name& iqn, const Files& files) {
    const auto path = find_file(name, files);
    return decision(path ? files.find(*path).value_or("") : "", iqn);
}

Change write(const std::filesystem::path& path, const std::string& before, const std::string& after,
             const Files& files) {
    if (before == after) return Change::none;
    files.replace(path, after);
    return Change::made;
}

}  // namespace

std::vector<std::string> entries(const Target& wanted) {
    if (wanted.admits_everybody()) return {everybody};
    Texts found;
    for (const auto& name : wanted.initiators) {
        std::string pattern;
        for (const auto letter : name.to_text())
            pattern += letter == '.' ? std::string{"\\."} : std::string{letter};
        found.push_back(pattern);
    }
    for (const auto& word : wanted.networks) {
        const auto network = Ip_network::parse(word);
        if (network.prefix == 0)
            throw Error{Kind::misconfigured, "allowed_initiators=" + text::quoted(word) +
                                                 ": expected a prefix length from 1, with iet"};
        // 32 and 128 bits are addresses to ietd, and a network with others set matches nobody.
        auto entry = network.ip.to_text();
        if (network.ip.family() == Family::ipv6) entry = "[" + entry + "]";
        if (!network.is_one_address()) entry += "/" + std::to_string(network.prefix);
        found.push_back(entry);
    }
    if (line_of(wanted.iqn, found).size() > longest_line)
        throw Error{Kind::misconfigured,
                    "allowed_initiators: expected a shorter list, with iet: its line has 4094 "
                    "letters at most"};
    return found;
}

std::optional<std::string> find_name(std::string_view entry) {
    std::string name;
    for (const auto letter : entry)
        if (letter != '\\') name += letter;
    for (const auto* kind : {"iqn.", "eui.", "naa."})
        if (name.starts_with(kind)) return name;
    return {};
}

std::string with(std::string_view file, const Iscsi_name& iqn,
                 const std::vector<std::string>& entries) {
    const auto line = line_of(iqn, entries) + "\n";
    std::string found;
    bool is_there = false;
    each_line(file, [&](std::string_view one) {
        if (is_of(one, iqn)) return;
        if (!is_there && subject_of(one) == everybody) {
            found += line;
            is_there = true;
        }
        found += one;
    });
    if (!is_there) found += line;
    return found + std::string{unfinished_end(file)};
}

std::string without(std::string_view file, const Iscsi_name& iqn) {
    std::string found;
    each_line(file, [&](std::string_view one) {
        if (!is_of(one, iqn)) found += one;
    });
    return found + std::string{unfinished_end(file)};
}

std::optional<std::vector<std::string>> decision(std::string_view file, const Iscsi_name& iqn) {
    std::optional<Texts> found;
    each_line(file, [&](std::string_view one) {
        if (found || (!is_of(one, iqn) && subject_of(one) != everybody)) return;
        const auto subject = subject_of(one);
        auto rest =
            one.substr(static_cast<std::size_t>(subject.data() + subject.size() - one.data()));
        found.emplace();
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            const auto entry = text::trimmed(rest.substr(0, comma));
            if (!entry.empty()) found->emplace_back(entry);
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    });
    return found;
}

Change set(const Iscsi_name& iqn, const std::vector<std::string>& entries, const Files& files,
           Bounded& bounded, const Deadline& deadline) {
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress(std::string{"the lock of "} + directory);
        const auto lock = files.lock(lock_directory);
        auto change = Change::none;
        const auto denying = find_file(deny, files);
        if (const auto path = find_file(allow, files)) {
            const auto file = files.find(*path).value_or("");
            change |= write(*path, file, with(file, iqn, entries), files);
        } else {
            // From now on who is in no line is let in no more.
            const std::string others = denying ? "" : "ALL ALL\n";
            files.replace(std::filesystem::path{directory} / allow, with(others, iqn, entries));
            change = Change::made;
        }
        if (denying) {
            const auto file = files.find(*denying).value_or("");
            change |= write(*denying, file, with(file, iqn, {everybody}), files);
        }
        if (change == Change::made)
            log::info("target ", iqn.to_text(), ": lets in ",
                      entries.empty() ? "nobody" : text::joined(entries, ", "));
        return change;
    });
}

Change remove(const Iscsi_name& iqn, const Files& files, Bounded& bounded,
              const Deadline& deadline) {
    const auto names_it = [&](const char* name) {
        const auto path = find_file(name, files);
        if (!path) return false;
        const auto file = files.find(*path).value_or("");
        return without(file, iqn) != file;
    };
    if (!names_it(allow) && !names_it(deny)) return Change::none;
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress(std::string{"the lock of "} + directory);
        const auto lock = files.lock(lock_directory);
        auto change = Change::none;
        for (const auto* name : {allow, deny})
            if (const auto path = find_file(name, files)) {
                const auto file = files.find(*path).value_or("");
                change |= write(*path, file, without(file, iqn), files);
            }
        return change;
    });
}

std::vector<std::string> admitted(const Iscsi_name& iqn, const Files& files) {
    if (find_file(deny, files)) {
        const auto denied = decision_in(deny, iqn, files);
        if (denied != Texts{everybody}) return {everybody};
    }
    if (!find_file(allow, files)) {
        if (find_file(deny, files)) return {};
        return {everybody};
    }
    return decision_in(allow, iqn, files).value_or(Texts{});
}

std::vector<std::string> faults(const Iscsi_name& iqn, const std::vector<std::string>& entries,
                                const Files& files) {
    Texts found;
    const auto is_in = [](const Texts& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    const auto there = admitted(iqn, files);
    for (const auto& entry : entries)
        if (!is_in(there, entry)) found.push_back("access for " + entry + " is missing");
    for (const auto& entry : there)
        if (!is_in(entries, entry)) found.push_back(entry + " is admitted, but in no list");
    if (find_file(addresses, files) && !decision_in(addresses, iqn, files))
        found.push_back(std::string{addresses} + " lets nobody reach it");
    return found;
}

}  // namespace san::iet_access
