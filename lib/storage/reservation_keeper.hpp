// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the persistent reservations of a unit, so that they are in force where it runs next.
//
// The kernel notes them in a file of the node, which dies with it. By default each change goes to
// the cluster's configuration as it is made, by a process of the unit. With a directory on a
// replicated file system the kernel's file itself is there: an initiator gets its answer when its
// reservation is on both nodes.
//
//   kernel ── <dbroot>/pr/aptpl_<serial> ──► watcher ── crm_attribute ──► CIB, every node
//        or ── link ──► DIRECTORY/aptpl_<serial>, written synchronously; whole copies beside it
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/deadline.hpp"
#include "kernel/configfs.hpp"
#include "kernel/system.hpp"
#include "storage/names.hpp"
#include "storage/reservations.hpp"

namespace san {

/// "keep" or "forget".
struct Reservation_care {
    bool keep = true;
    /// Errors  misconfigured
    static Reservation_care parse(std::string_view text);
};

/// The absolute path of a directory.
struct Reservation_directory {
    std::filesystem::path path;
    /// Errors  misconfigured
    static Reservation_directory parse(std::string_view text);
};

struct Reservation_wish {
    std::string unit{};             ///< the resource's instance
    std::filesystem::path state{};  ///< a directory that is empty after a boot
    Reservation_care care{};
    std::optional<std::filesystem::path> directory{};  ///< instead of the cluster
};

class Reservation_keeper {
public:
    using Path = std::filesystem::path;
    Reservation_keeper(System& node, Reservation_wish wish) : node_{node}, wish_{std::move(wish)} {}

    /// What is to be restored, before the backstore is made. What this node has noted in another
    /// life of the unit is removed: the copy that all nodes share is the only one.
    ///
    /// Errors  failed when the copy cannot be read: serving without it could destroy data that
    ///         initiators protect by it
    Registrations recall(const Scsi_serial& serial, const Deadline& deadline) const;

    /// What was stored last, of a unit that is there already.
    Registrations remembered() const;

    /// Sees to it that changes are kept while the backstore is there; runs no program. Trouble is a
    /// warning. The backstore is looked for only where nobody sees to it yet.
    void look_after(const Scsi_serial& serial,
                    const std::function<std::optional<Configfs::Path>()>& find_backstore) const;

    /// After the unit has been taken down: what is not stored yet is, and nothing is left of the
    /// keeping. Without anything of ours it does nothing. Trouble is a warning.
    void finish(const std::optional<Scsi_serial>& serial, const Deadline& deadline) const;

private:
    /// What the keeper knows between two actions.
    struct Note {
        std::string serial;
        bool clustered = false;
        std::string line{};  ///< what the cluster has been told last
    };
    Path note_file() const { return wish_.state / "san-reservations" / wish_.unit; }
    Path lock_file() const { return note_file().concat(".lock"); }
    std::optional<Note> find_note() const;
    void write(const Note& note) const;

    std::optional<Path> find_kernel_file(const Scsi_serial& serial) const;
    Registrations recall_from_cluster(const Scsi_serial& serial, const Path& file,
                                      const Deadline& deadline) const;
    Registrations recall_from_directory(const Scsi_serial& serial, const Path& file) const;
    void copy_whole(const Scsi_serial& serial) const;
    void forget(const Scsi_serial& serial, const Deadline& deadline) const;
    void store(const Scsi_serial& serial, const Deadline& deadline) const;

    System& node_;
    Reservation_wish wish_;
};

}  // namespace san
