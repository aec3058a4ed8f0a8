// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/lvm_report.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::lvm {

namespace {

/// As much of JSON as reports are made of: objects, lists and text.
class Reader {
public:
    explicit Reader(std::string_view report) : rest_{report} {}

    std::vector<Row> read() {
        value();
        if (skip() != '\0') throw unreadable();
        return std::move(rows_);
    }

private:
    // Deeper than any report; what is not one must not exhaust the stack.
    static constexpr int deepest = 16;

    Error unreadable() const {
        return Error{Kind::failed,
                     "LVM gave a report that cannot be read, at " +
                         text::quoted(rest_.substr(0, std::min<std::size_t>(rest_.size(), 40)))};
    }

    /// The next character that is no white space; NUL at the end.
    char skip() {
        while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t'))
            rest_.remove_prefix(1);
        return rest_.empty() ? '\0' : rest_[0];
    }

    void expect(char wanted) {
        if (skip() != wanted) throw unreadable();
        rest_.remove_prefix(1);
    }

    /// Calls `item` between an opening and a closing mark, as often as there are commas.
    template <class Item>
    void list(char open, char close, const Item& item) {
        expect(open);
        if (++depth_ > deepest) throw unreadable();
        if (skip() != close)
            for (;;) {
                item();
                if (skip() != ',') break;
                expect(',');
            }
        expect(close);
        --depth_;
    }

    std::string string() {
        expect('"');
        std::string found;
        while (!rest_.empty() && rest_[0] != '"') {
            // Of all escapes LVM writes these two (json_escape in libdm-report.c, 2.03.16).
            if (rest_[0] == '\\') rest_.remove_prefix(1);
            if (rest_.empty()) break;
            found += rest_[0];
            rest_.remove_prefix(1);
        }
        expect('"');
        return found;
    }

    void value() {
        if (skip() == '[') {
            list('[', ']', [&] { value(); });
            return;
        }
        Row row;
        bool is_row = true;
        list('{', '}', [&] {
            const auto name = string();
            expect(':');
            if (skip() == '"') {
                row[name] = string();
            } else {
                is_row = false;
                value();
            }
        });
        if (is_row && !row.empty()) rows_.push_back(std::move(row));
    }

    std::string_view rest_;
    int depth_ = 0;
    std::vector<Row> rows_{};
};

std::string field(const Row& row, const std::string& name) {
    const auto found = row.find(name);
    if (found == row.end())
        throw Error{Kind::failed, "LVM gave a report without the field " + name};
    return found->second;
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        if (end > 0) parts.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return parts;
}

constexpr auto fields =
    "pv_name,pv_uuid,pv_missing,pv_duplicate,vg_name,vg_uuid,vg_systemid,vg_tags,vg_lock_type,"
    "vg_exported";

}  // namespace

std::vector<Row> rows(std::string_view report) { return Reader{report}.read(); }

std::size_t Group::missing() const {
    return static_cast<std::size_t>(std::count_if(physical.begin(), physical.end(),
                                                  [](const auto& one) { return one.is_missing; }));
}

Group group_of(const std::vector<Row>& rows, const Vg_name& name) {
    Group group{.uuid = field(rows.front(), "vg_uuid"),
                .system_id = field(rows.front(), "vg_systemid"),
                .tags = split(field(rows.front(), "vg_tags")),
                .lock_type = field(rows.front(), "vg_lock_type"),
                .is_exported = !field(rows.front(), "vg_exported").empty()};
    for (const auto& row : rows) {
        if (const auto uuid = field(row, "vg_uuid"); uuid != group.uuid)
            throw Error{Kind::failed, "two volume groups are called " + name.to_text() +
                                          ": rename one, vgrename " + uuid + " NEW_NAME"};
        group.physical.push_back({.name = field(row, "pv_name"),
                                  .uuid = field(row, "pv_uuid"),
                                  .is_missing = !field(row, "pv_missing").empty(),
                                  .is_duplicate = !field(row, "pv_duplicate").empty()});
    }
    return group;
}

std::optional<Group> find_group(Commands& commands, const Vg_name& name, const Deadline& deadline,
                                const std::vector<std::string>& options) {
    // --all: only then duplicates are listed; --foreign: also what another host owns.
    std::vector<std::string> argv{"pvs",
                                  "--all",
                                  "--foreign",
                                  "--reportformat",
                                  "json",
                                  "-o",
                                  fields,
                                  "-S",
                                  "vg_name=\"" + name.to_text() + "\""};
    argv.insert(argv.end(), options.begin(), options.end());
    const auto outcome = commands.run(argv, deadline);
    // It is not 0 also when there is something wrong with another group.
    if (!outcome.ok() && text::trimmed(outcome.out).empty())
        throw Error{Kind::failed, "pvs: " + outcome.complaint()};
    const auto found = rows(outcome.out);
    if (found.empty()) return {};
    return group_of(found, name);
}

bool has_volume(Commands& commands, const Vg_name& group, const Lv_name& volume,
                const Deadline& deadline) {
    const auto outcome = commands.run(
        {"lvs", "--all", "--foreign", "--reportformat", "json", "-o", "lv_name", "-S",
         "vg_name=\"" + group.to_text() + "\" && lv_name=\"" + volume.to_text() + "\""},
        deadline);
    if (!outcome.ok() && text::trimmed(outcome.out).empty())
        throw Error{Kind::failed, "lvs: " + outcome.complaint()};
    return !rows(outcome.out).empty();
}

std::string setting(Commands& commands, const std::string& name, const Deadline& deadline) {
    // "volume_list=["vg1","@tag"]"; not found when it is not set and has no default.
    const auto outcome = commands.run({"lvmconfig", "--typeconfig", "full", name}, deadline);
    const auto sign = outcome.out.find('=');
    if (!outcome.ok() || sign == std::string::npos) return {};
    return std::string{text::trimmed(std::string_view{outcome.out}.substr(sign + 1))};
}

std::string own_system_id(Commands& commands, const Deadline& deadline) {
    // "  system ID: alice"
    const auto said = commands.must({"lvm", "systemid"}, deadline).out;
    const auto colon = said.find(':');
    if (colon == std::string::npos)
        throw Error{Kind::failed, "lvm systemid: " + text::quoted(text::trimmed(said))};
    return std::string{text::trimmed(std::string_view{said}.substr(colon + 1))};
}

}  // namespace san::lvm
