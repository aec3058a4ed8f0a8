// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/reservation_keeper.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "kernel/watchers.hpp"
#include "storage/lio.hpp"
#include "storage/reservation_store.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;
using Path = Reservation_keeper::Path;

// A cluster that is busy with a failover answers late.
constexpr auto longest_answer = 20s;
/// The rest of the action needs time as well.
Deadline most_of(const Deadline& deadline) { return Deadline::in(deadline.left() * 3 / 4); }

std::string file_name(const Scsi_serial& serial) { return "aptpl_" + serial.to_text(); }

Path whole_copy(const Path& directory, const Scsi_serial& serial) {
    return directory / (file_name(serial) + ".whole");
}

std::string count(const Registrations& registrations) {
    return registrations.size() == 1 ? "1 registration"
                                     : std::to_string(registrations.size()) + " registrations";
}

}  // namespace

Reservation_care Reservation_care::parse(std::string_view text) {
    if (text != "keep" && text != "forget")
        throw Error{Kind::misconfigured, "expected keep or forget"};
    return {.keep = text == "keep"};
}

Reservation_directory Reservation_directory::parse(std::string_view text) {
    if (!text.starts_with('/'))
        throw Error{Kind::misconfigured, "expected the absolute path of a directory"};
    return {.path = Path{text}};
}

std::optional<Path> Reservation_keeper::find_kernel_file(const Scsi_serial& serial) const {
    // The kernel makes a path of it as it is.
    if (serial.to_text().find('/') != std::string::npos) return {};
    const auto notes = node_.configfs.find(lio::core.parent_path() / "dbroot");
    if (!notes) return {};
    return Path{*notes} / "pr" / file_name(serial);
}

std::optional<Reservation_keeper::Note> Reservation_keeper::find_note() const {
    const auto content = node_.files.find(note_file());
    if (!content) return {};
    const auto first = content->find('\n');
    const auto second = content->find('\n', first + 1);
    if (first == std::string::npos || second == std::string::npos) return {};
    return Note{.serial = content->substr(0, first),
                .clustered = content->substr(first + 1, second - first - 1) == "cluster",
                .line = content->substr(second + 1)};
}

void Reservation_keeper::write(const Note& note) const {
    node_.files.replace(
        note_file(), note.serial + "\n" + (note.clustered ? "cluster" : "node") + "\n" + note.line);
}

Registrations Reservation_keeper::recall(const Scsi_serial& serial,
                                         const Deadline& deadline) const {
    const auto file = find_kernel_file(serial);
    if (!file) {
        log::warning("persistent reservations cannot be kept: the kernel's file would be ",
                     text::quoted(file_name(serial)));
        return {};
    }
    if (!wish_.care.keep) {
        forget(serial, deadline);
        return {};
    }
    const auto found = wish_.directory ? recall_from_directory(serial, *file)
                                       : recall_from_cluster(serial, *file, deadline);
    if (!found.empty()) log::info(count(found), " to be restored");
    return found;
}

Registrations Reservation_keeper::remembered() const {
    const auto note = find_note();
    return note ? Registrations::parse_line(note->line) : Registrations{};
}

Registrations Reservation_keeper::recall_from_cluster(const Scsi_serial& serial, const Path& file,
                                                      const Deadline& deadline) const {
    const auto stored = Reservation_store{node_.commands}.find(serial, most_of(deadline));
    write({.serial = serial.to_text(), .clustered = stored.clustered, .line = stored.line});
    if (stored.clustered) {
        node_.files.remove(file);
        return Registrations::parse_line(stored.line);
    }
    const auto content = node_.files.find(file);
    if (!content) return {};
    const auto found = Registrations::find_in_file(*content);
    if (!found) log::warning(file.string(), " is not whole: no reservation is restored");
    const auto restored = found.value_or(Registrations{});
    write({.serial = serial.to_text(), .line = restored.to_line()});
    return restored;
}

Registrations Reservation_keeper::recall_from_directory(const Scsi_serial& serial,
                                                        const Path& file) const {
    const auto& directory = *wish_.directory;
    // Not to be made here: what is to be mounted there is not.
    if (!node_.files.is_directory(directory))
        throw Error{Kind::wrong_on_this_node,
                    "reservations_dir=" + text::quoted(directory.string()) +
                        ": expected a directory that is there"};
    const auto shared = directory / file_name(serial);
    const auto copy = node_.files.find(whole_copy(directory, serial));
    auto found = Registrations::find_in_file(node_.files.find(shared).value_or(""));
    if (!found && copy) {
        log::warning(shared.string(), " is not whole: its last whole copy is used");
        found = Registrations::find_in_file(*copy);
    }
    if (!node_.files.make_synchronous(shared))
        log::warning(shared.string(), ": this file system does not write a single file ",
                     "synchronously: mount it with -o sync");
    node_.files.make_directory(file.parent_path());
    node_.files.link(file, shared);
    const auto restored = found.value_or(Registrations{});
    write({.serial = serial.to_text(), .line = restored.to_line()});
    return restored;
}

void Reservation_keeper::copy_whole(const Scsi_serial& serial) const {
    const auto content = node_.files.find(*wish_.directory / file_name(serial));
    const auto copy = whole_copy(*wish_.directory, serial);
    if (content && Registrations::find_in_file(*content) && node_.files.find(copy) != content)
        node_.files.replace_durably(copy, *content);
}

void Reservation_keeper::forget(const Scsi_serial& serial, const Deadline& deadline) const try {
    const Reservation_store cluster{node_.commands};
    const auto limit = most_of(deadline);
    // Else they would be back, and out of date, when keeping is switched on again.
    if (!cluster.find(serial, limit).line.empty()) cluster.put(serial, "", limit);
} catch (const Error& problem) {
    log::warning("reservations stay stored: ", problem.what());
}

void Reservation_keeper::store(const Scsi_serial& serial, const Deadline& deadline) const {
    const auto file = find_kernel_file(serial);
    if (!file) return;
    const auto content = node_.files.find(*file);
    // Nothing has changed since the start, or it is being written.
    const auto found = content ? Registrations::find_in_file(*content) : std::nullopt;
    if (!found) return;
    const auto line = found->to_line();
    const auto note = find_note();
    if (note && note->line == line) return;
    Reservation_store{node_.commands}.put(serial, line, deadline);
    write({.serial = serial.to_text(), .clustered = true, .line = line});
    log::info("persistent reservations stored: ", count(*found));
}

void Reservation_keeper::look_after(
    const Scsi_serial& serial,
    const std::function<std::optional<Configfs::Path>()>& find_backstore) const try {
    if (!wish_.care.keep || (!wish_.directory && node_.watchers.is_watched(lock_file()))) return;
    const auto backstore = find_backstore();
    const auto file = find_kernel_file(serial);
    if (!backstore || !file) return;
    if (wish_.directory) {
        copy_whole(serial);
        return;
    }
    const auto note = find_note();
    if (note && !note->clustered) return;
    node_.files.make_directory(lock_file().parent_path());
    node_.files.make_directory(file->parent_path());
    const auto keeper = *this;
    node_.watchers.start({.lock = lock_file(),
                          .file = *file,
                          .goes_on =
                              [keeper, backstore] {
                                  return keeper.node_.configfs.find_entries(*backstore).has_value();
                              },
                          .work =
                              [keeper, serial, warned = false]() mutable {
                                  try {
                                      keeper.store(serial, Deadline::in(longest_answer));
                                      warned = false;
                                      return true;
                                  } catch (const Error& problem) {
                                      if (!warned)
                                          log::warning("reservations not stored yet: ",
                                                       problem.what());
                                      warned = true;
                                      return false;
                                  }
                              }});
} catch (const Error& problem) {
    log::warning("changes of reservations are not kept: ", problem.what());
}

void Reservation_keeper::finish(const std::optional<Scsi_serial>& serial,
                                const Deadline& deadline) const try {
    const auto note = find_note();
    if (!note && !node_.files.exists(lock_file())) return;
    const auto limit = most_of(deadline);
    node_.watchers.end(lock_file(), limit.within(longest_answer));
    const auto of = note ? std::optional{Scsi_serial::parse(note->serial)} : serial;
    if (of && wish_.directory) {
        copy_whole(*of);
        if (const auto file = find_kernel_file(*of)) node_.files.remove(*file);
    } else if (of && (!note || note->clustered)) {
        try {
            store(*of, limit.within(longest_answer));
        } catch (const Error& problem) {
            log::warning("the latest reservations are not stored: ", problem.what());
        }
    }
    node_.files.remove(note_file());
    node_.files.remove(lock_file());
    node_.files.remove_if_empty(note_file().parent_path());
} catch (const Error& problem) {
    log::warning("keeping of reservations not ended: ", problem.what());
}

}  // namespace san
