// SPDX-License-Identifier: GPL-2.0-or-later
// A tree of directories, links and attributes, written as text:
//
//   target/core/iblock_7/lun1/                a directory; those on the way to anything are there
//   too
//   @g/enable=1                               an attribute; "@" and a letter: a path of the
//   target's
//   @g/np/10.0.0.7:3260/
//   @g/lun/lun_0/x -> target/core/iblock_7/lun1
//   @g/acls/iqn.2026-01.org.example:joe/info=InitiatorName: iqn.2026-01.org.example:joe
//   <tab>InitiatorAlias: joe                  more of the value before
//   @d/alua/a/members!5                       nobody can read or write it: an errno
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "kernel/configfs.hpp"
#include "kernel/scst.hpp"

namespace san::fuzz {

class Tree_text {
public:
    struct Entry {
        enum class Kind { directory, link, attribute };
        Kind kind = Kind::directory;
        std::string text{};  ///< of an attribute; of a link, where it points to
        int errnum = 0;      ///< of whoever reads or writes it
    };
    using Shorthands = std::map<char, std::string>;

    Tree_text(std::string_view text, const Shorthands& shorthands);

    const Entry* find(const std::string& path) const;
    /// What is directly inside, sorted.
    std::vector<std::string> names(const std::string& directory, bool with_attributes) const;
    void put(const std::string& path, Entry entry);
    /// With all that is below it.
    void erase(const std::string& path);
    const std::map<std::string, Entry>& entries() const { return entries_; }

private:
    std::map<std::string, Entry> entries_{};
};

/// LIO's, as far as anything can be told from a text: it refuses to remove what links lead to, or
/// has links inside, and takes whatever is written.
class Text_configfs final : public Configfs {
public:
    Text_configfs(std::string_view text, const Tree_text::Shorthands& shorthands)
        : tree_{text, shorthands} {}

    std::optional<std::string> find(const Path& attribute) const override;
    bool has(const Path& directory) const override;
    std::optional<std::vector<std::string>> find_entries(const Path& directory) const override;
    std::optional<Path> find_link(const Path& link) const override;
    void write(const Path& attribute, std::string_view value) override;
    Change make(const Path& directory) override;
    Change remove(const Path& directory) override;
    Change link(const Path& link, const Path& target) override;
    Change unlink(const Path& link) override;

    const Tree_text& tree() const { return tree_; }

private:
    Tree_text tree_;
};

/// SCST's, with the commands that make and remove targets, devices, LUNs and names of initiators.
class Text_scst final : public Scst_tree {
public:
    Text_scst(std::string_view text, const Tree_text::Shorthands& shorthands)
        : tree_{text, shorthands} {}

    bool is_loaded() const override { return !tree_.entries().empty(); }
    bool has(const Path& entry) const override { return tree_.find(entry.native()) != nullptr; }
    std::vector<std::string> names(const Path& directory) const override {
        return tree_.names(directory.native(), true);
    }
    std::optional<Path> find_link(const Path& link) const override;
    Answer read(const Path& attribute) const override;
    int write(const Path& attribute, std::string_view data) override;
    std::shared_ptr<void> lock() override { return {}; }

private:
    void command(const std::string& manager, const std::vector<std::string>& words);

    Tree_text tree_;
};

/// Asks something of a tree. It can be refused, but what stands in the kernel is nothing that the
/// administrator has configured.
template <class Act>
void ask(const Act& act) try {
    act();
} catch (const Error& problem) {
    require(problem.kind() != Kind::misconfigured, problem.what());
}

}  // namespace san::fuzz
