// SPDX-License-Identifier: GPL-2.0-or-later
// Persistent reservations of a logical unit as text: the kernel's file, one line for the cluster,
// and what the kernel is given to have them back.
//
// The kernel writes its file when an initiator registers or reserves "through power loss" (APTPL).
// Each registration is a block of lines "key=value"; the line for the cluster joins the lines of a
// block by commas and the blocks by semicolons. Whoever can write to the cluster's configuration,
// or to a shared directory, can write such a text: nothing of it reaches the kernel unread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace san {

/// What one initiator has registered, and whether it holds the reservation.
class Registration {
public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    /// Source  core_scsi3_update_aptpl_buf() for what is written, the tokens of
    ///         target_core_configfs.c for what is read; 6.1 and 6.12
    /// Errors  failed, with the offending text
    explicit Registration(Fields fields);

    const std::string& initiator() const;
    const std::string& target() const;
    bool is_holder() const;
    /// In an administrator's words.
    std::string description() const;
    /// Keys and values, joined by commas: the kernel takes commas and newlines alike.
    std::string to_text() const;
    friend bool operator==(const Registration&, const Registration&) = default;

private:
    const std::string* find(std::string_view key) const;
    Fields fields_;
};

class Registrations {
public:
    Registrations() = default;

    /// The kernel's file. Nothing when it is not whole: it is truncated before it is written, and a
    /// loss of power may leave it so.
    ///
    /// Errors  failed when it is whole and something else than expected
    static std::optional<Registrations> find_in_file(std::string_view content);
    /// What to_line() made. Empty text is none. Errors: failed
    static Registrations parse_line(std::string_view line);
    std::string to_line() const;

    bool empty() const { return list_.empty(); }
    std::size_t size() const { return list_.size(); }
    auto begin() const { return list_.begin(); }
    auto end() const { return list_.end(); }
    friend bool operator==(const Registrations&, const Registrations&) = default;

private:
    explicit Registrations(std::vector<Registration> list);
    std::vector<Registration> list_;
};

}  // namespace san
