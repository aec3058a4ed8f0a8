// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/lvm_settings.hpp"

#include <algorithm>
#include <regex.h>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::stack {

namespace {

/// A value, which may be a list over several lines: the words in quotation marks, or what stands
/// there.
Words words_of(const std::string& value) {
    Words words;
    for (std::size_t at = 0; (at = value.find('"', at)) != std::string::npos;) {
        std::string word;
        for (++at; at < value.size() && value[at] != '"'; ++at) {
            if (value[at] == '\\' && at + 1 < value.size()) ++at;
            word += value[at];
        }
        words.push_back(std::move(word));
        ++at;
    }
    if (words.empty() && value.find('[') == std::string::npos && !text::trimmed(value).empty())
        words.emplace_back(text::trimmed(value));
    return words;
}

/// A comment begins with # outside of quotation marks.
std::string without_comment(const std::string& line) {
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '\\' && quoted)
            ++at;
        else if (line[at] == '"')
            quoted = !quoted;
        else if (line[at] == '#' && !quoted)
            return line.substr(0, at);
    }
    return line;
}

/// 'a' or 'r' and what is between two marks of any kind.
enum class Answer { accepted, rejected, silent };

/// An expression of LVM's (libdm/regex) as one that regcomp(3) reads the same way: without what LVM
/// does not have, which can take all memory and time there is. Nothing when it refers back, or has
/// more repetitions than anybody writes.
std::optional<std::string> as_posix(const std::string& expression) {
    constexpr int most_repeated = 8;  // glibc's makes a copy for each, of what may have copies
    int repeated = 0;
    bool is_repeated = false;  // what was read last is one of * + ?
    std::string found;
    for (std::size_t at = 0; at < expression.size(); ++at) {
        const char c = expression[at];
        const bool repeats = (c == '*' || c == '+' || c == '?') && !found.empty();
        if (repeats && is_repeated) {
            // Several in a row are one: the same, or else as often as one likes.
            if (found.back() != c) found.back() = '*';
            continue;
        }
        is_repeated = repeats;
        if (c == '\\' && at + 1 < expression.size()) {
            if (const char next = expression[++at]; next >= '1' && next <= '9') return {};
            found += {c, expression[at]};
        } else if (c == '[') {
            // The first one in brackets, or behind ^, is a bracket by itself.
            auto end = at + 1 + (at + 1 < expression.size() && expression[at + 1] == '^');
            end = expression.find(']', end + 1);
            if (end == std::string::npos) return {};
            found.append(expression, at, end + 1 - at);
            at = end;
        } else if (c == '{') {
            found += "[{]";
        } else if (c == '+' && ++repeated > most_repeated) {
            return {};
        } else {
            found += c;
        }
    }
    return found;
}

/// Whether an expression is found in a name; nothing when it is none. By regcomp(3): libstdc++'s
/// std::regex recurses as deep as what it reads is long.
std::optional<bool> find_match(const std::string& expression, const std::string& name) {
    constexpr std::size_t longest = 4096;
    const auto posix = as_posix(expression);
    regex_t compiled{};
    if (!posix || posix->size() > longest || posix->find('\0') != std::string::npos ||
        ::regcomp(&compiled, posix->c_str(), REG_EXTENDED | REG_NOSUB) != 0)
        return {};
    const bool found = ::regexec(&compiled, name.c_str(), 0, nullptr, 0) == 0;
    ::regfree(&compiled);
    return found;
}

Answer ask(const Words& filter, const std::string& name) {
    for (const auto& pattern : filter) {
        if (pattern.size() < 3) continue;
        const auto end = pattern.rfind(pattern[1]);
        const auto expression = pattern.substr(2, end > 1 ? end - 2 : 0);
        const auto matches = find_match(expression, name);
        if (!matches)
            throw Error{Kind::failed, "lvm.conf: filter " + text::quoted(pattern) +
                                          ": expected an expression as lvm.conf(5) has them, with "
                                          "at most 8 repetitions by +"};
        if (*matches) return pattern[0] == 'r' ? Answer::rejected : Answer::accepted;
    }
    return Answer::silent;
}

bool passes(const Words& filter, const Words& names) {
    bool rejected = false;
    for (const auto& name : names) {
        const auto answer = ask(filter, name);
        if (answer == Answer::accepted) return true;
        rejected |= answer == Answer::rejected;
    }
    return !rejected;
}

}  // namespace

Lvm_settings Lvm_settings::parse(const std::string& text) {
    Lvm_settings found;
    std::istringstream lines{text};
    std::string section, line;
    while (std::getline(lines, line)) {
        line = std::string{text::trimmed(without_comment(line))};
        if (line.ends_with('{')) section = text::trimmed(line.substr(0, line.size() - 1));
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        auto name = section + "/" + std::string{text::trimmed(line.substr(0, equals))};
        auto value = line.substr(equals + 1);
        const auto is_open = [&] {
            return value.find('[') != std::string::npos && value.rfind(']') == std::string::npos;
        };
        for (std::string more; is_open() && std::getline(lines, more);)
            value += " " + without_comment(more);
        const auto words = words_of(value);
        const bool yes = !words.empty() && words.front() == "1";
        if (name == "devices/filter") found.filter = words;
        if (name == "devices/global_filter") found.global_filter = words;
        if (name == "devices/use_devicesfile") found.use_devices_file = yes;
        if (name == "devices/scan_lvs") found.scan_lvs = yes;
        if (name == "activation/auto_activation_volume_list") found.auto_activation = words;
    }
    return found;
}

bool Lvm_settings::looks_at(const Words& names) const {
    if (use_devices_file && devices) {
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return std::find(devices->begin(), devices->end(), name) != devices->end();
        });
    }
    return passes(global_filter, names) && passes(filter, names);
}

bool Lvm_settings::may_activate(const std::string& group) const {
    if (!auto_activation) return true;
    // "vg", "vg/lv", "@tag", "@*": a tag that the group may have is not known here.
    return std::any_of(auto_activation->begin(), auto_activation->end(),
                       [&](const std::string& each) {
                           return each == group || each.starts_with(group + "/") || each == "@*";
                       });
}

Words devices_in(const std::string& system_devices) {
    Words found;
    std::istringstream lines{system_devices};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('#')) continue;
        for (const auto& word : text::words(line))
            if (word.starts_with("DEVNAME=") || word.starts_with("IDNAME=/"))
                found.push_back(word.substr(word.find('=') + 1));
    }
    return found;
}

}  // namespace san::stack
