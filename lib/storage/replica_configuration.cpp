// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_configuration.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::replica {

namespace {

namespace fs = std::filesystem;

/// A word or a sign of drbd.conf(5), and where it stands.
struct Token {
    std::string text;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Good enough for a file with any error in it: what cannot be read is a word like others.
std::vector<Token> tokens(std::string_view text) {
    constexpr std::string_view blanks{" \t\r\n"};
    constexpr std::string_view signs{"{};"};
    std::vector<Token> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = at;
        const char c = text[at];
        if (blanks.find(c) != std::string_view::npos) {
            ++at;
        } else if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
        } else if (signs.find(c) != std::string_view::npos) {
            found.push_back({std::string{c}, begin, ++at});
        } else if (c == '"') {
            const auto close = std::min(text.find('"', at + 1), text.size());
            at = std::min(close + 1, text.size());
            found.push_back({std::string{text.substr(begin + 1, close - begin - 1)}, begin, at});
        } else {
            at = std::min(text.find_first_of(" \t\r\n{};\"#", at), text.size());
            found.push_back({std::string{text.substr(begin, at - begin)}, begin, at});
        }
    }
    return found;
}

/// Files that a pattern of an include statement means, sorted as glob(7) does.
std::vector<fs::path> matching(const fs::path& pattern, const Files& files) {
    std::vector<fs::path> found{"/"};
    for (const auto& part : pattern.relative_path()) {
        std::vector<fs::path> deeper;
        for (const auto& directory : found) {
            if (part.string().find_first_of("*?[") == std::string::npos) {
                deeper.push_back(directory / part);
                continue;
            }
            for (const auto& name : files.names(directory))
                if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0)
                    deeper.push_back(directory / name);
        }
        found = std::move(deeper);
    }
    found.erase(
        std::remove_if(found.begin(), found.end(), [&](const auto& p) { return !files.exists(p); }),
        found.end());
    return found;
}

/// One file of the configuration.
class Source {
public:
    Source(fs::path file, const Files& files)
        : file_{std::move(file)}, text_{files.find(file_).value_or("")}, tokens_{tokens(text_)} {}

    const fs::path& file() const { return file_; }

    /// Names of the resources that it defines.
    std::vector<std::string> defines() const {
        std::vector<std::string> names;
        for (std::size_t at = 0; at + 2 < tokens_.size(); ++at)
            if (tokens_[at].text == "resource" && tokens_[at + 2].text == "{")
                names.push_back(tokens_[at + 1].text);
        return names;
    }

    /// Names of other resources that those need.
    std::vector<std::string> needs() const {
        std::vector<std::string> names;
        for (std::size_t at = 0; at + 1 < tokens_.size(); ++at) {
            const auto& word = tokens_[at].text;
            // 8.4 names a resource, 9 one of its volumes: "r1/0".
            if (word == "stacked-on-top-of" || word == "resync-after")
                names.push_back(tokens_[at + 1].text.substr(0, tokens_[at + 1].text.find('/')));
        }
        return names;
    }

    /// Calls `visit` with each include statement: its place in the text, and the files it means.
    template <class Visit>
    void each_include(const Files& files, const Visit& visit) const {
        for (std::size_t at = 0; at + 2 < tokens_.size(); ++at) {
            if (tokens_[at].text != "include" || tokens_[at + 2].text != ";") continue;
            const auto pattern = file_.parent_path() / tokens_[at + 1].text;
            visit(tokens_[at].begin, tokens_[at + 2].end, matching(pattern, files));
        }
    }

    const std::string& text() const { return text_; }

private:
    fs::path file_;
    std::string text_;
    std::vector<Token> tokens_;
};

/// The whole configuration, as far as it has to be understood.
class Sources {
public:
    explicit Sources(const Files& files) : files_{&files} {}

    void add(const fs::path& file) {
        if (!seen_.insert(file).second) return;
        const auto& source = all_.emplace_back(Source{file, *files_});
        std::vector<fs::path> included;
        source.each_include(*files_, [&](std::size_t, std::size_t, const auto& found) {
            included.insert(included.end(), found.begin(), found.end());
        });
        for (const auto& inner : included) add(inner);
    }

    /// Marks the file that defines a resource, and those of the resources that this one needs.
    /// Returns whether exactly one file defines it.
    bool want(const std::string& name) {
        const Source* home = nullptr;
        for (const auto& source : all_) {
            const auto names = source.defines();
            const auto count = std::count(names.begin(), names.end(), name);
            if (count > 1 || (count == 1 && home != nullptr)) return false;
            if (count == 1) home = &source;
        }
        if (home == nullptr) return false;
        if (wanted_.insert(home->file()).second)
            for (const auto& other : home->needs()) want(other);
        return true;
    }

    /// The text of a file with what it includes, as far as that is wanted.
    std::string expanded(const fs::path& file) {
        // One that includes itself is an error for drbdadm to find.
        if (!open_.insert(file).second) return {};
        const auto source =
            std::find_if(all_.begin(), all_.end(), [&](const auto& s) { return s.file() == file; });
        std::string text;
        std::size_t copied = 0;
        source->each_include(*files_, [&](std::size_t begin, std::size_t end, const auto& found) {
            text += source->text().substr(copied, begin - copied);
            for (const auto& inner : found) text += included(inner);
            copied = end;
        });
        open_.erase(file);
        return text + source->text().substr(copied);
    }

private:
    std::string included(const fs::path& file) {
        const auto source =
            std::find_if(all_.begin(), all_.end(), [&](const auto& s) { return s.file() == file; });
        if (!source->defines().empty() && !wanted_.contains(file)) return {};
        bool includes = false;
        source->each_include(*files_, [&](auto&&...) { includes = true; });
        return includes ? expanded(file) + "\n" : "include \"" + file.string() + "\";\n";
    }

    const Files* files_;
    std::set<fs::path> seen_;
    std::set<fs::path> open_;
    std::vector<Source> all_;
    std::set<fs::path> wanted_;
};

Outcome look_up(const Configuration& configuration, const std::string& name, Commands& commands,
                const Deadline& deadline) {
    return commands.run(configuration.drbdadm({"sh-dev", name}), deadline);
}

}  // namespace

std::vector<std::string> Configuration::drbdadm(const std::vector<std::string>& words) const {
    std::vector<std::string> argv{"drbdadm", "-c", file.string()};
    if (stacked) argv.emplace_back("--stacked");
    argv.insert(argv.end(), words.begin(), words.end());
    return argv;
}

std::optional<std::string> isolated(const std::string& name, const fs::path& file,
                                    const Files& files) {
    Sources sources{files};
    sources.add(file);
    if (!sources.want(name)) return {};
    return sources.expanded(file);
}

Configuration find_configuration(const std::string& name, const fs::path& file,
                                 const fs::path& part, Commands& commands, const Files& files,
                                 const Deadline& deadline) {
    const auto knows = [&](const Configuration& configuration) {
        return look_up(configuration, name, commands, deadline).ok();
    };
    if (const auto text = isolated(name, file, files)) {
        if (files.find(part) != text) files.replace(part, *text);
        for (const bool stacked : {false, true})
            if (const Configuration alone{.file = part, .stacked = stacked}; knows(alone))
                return alone;
    }
    const Configuration whole{.file = file};
    const auto plain = look_up(whole, name, commands, deadline);
    if (plain.ok()) return whole;
    if (const Configuration stacked{.file = file, .stacked = true}; knows(stacked)) return stacked;
    throw Error{Kind::not_installed, "drbd_resource=" + text::quoted(name) +
                                         ": expected a resource of " + file.string() + ": " +
                                         plain.complaint()};
}

}  // namespace san::replica
