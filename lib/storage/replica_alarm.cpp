// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/replica_alarm.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <time.h>
#include <unistd.h>

#include "base/node_attributes.hpp"
#include "base/text.hpp"
#include "kernel/files.hpp"
#include "storage/replica_health.hpp"

namespace san::replica_alarm {

namespace {

using Path = std::filesystem::path;

/// Text of each note by its file's name, "split-brain.4711.123456".
using Notes = std::map<std::string, std::string>;

/// A handler of the kernel has no environment of the cluster's that would name another directory.
Path directory_of(const Replica_name& resource) {
    auto name = "san-drbd-" + resource.to_text();
    std::replace(name.begin(), name.end(), '/', '_');
    return Path{"/run/resource-agents"} / name;
}

/// No two notes have one name: whoever clears the ones it has seen leaves a newer one alone.
std::string new_name(const Replica_event& event) {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::string{event.name} + "." + std::to_string(::getpid()) + "." +
           std::to_string(now.tv_sec) + "-" + std::to_string(now.tv_nsec);
}

const Replica_event* event_of(const std::string& note) {
    return find_replica_event(std::string_view{note}.substr(0, note.find('.')));
}

// The note of what the states show now, which monitor writes; no event has this name.
const std::string seen_note = "monitor";

bool is_note(const std::string& name) { return name == seen_note || event_of(name) != nullptr; }

Notes find_notes(const Replica_name& resource, const Files& files) {
    Notes notes;
    for (const auto& name : files.names(directory_of(resource)))
        // What is being written has another name.
        if (is_note(name))
            if (const auto text = files.find(directory_of(resource) / name)) notes[name] = *text;
    return notes;
}

void set(const Replica_name& resource, const Notes& notes, System& node, const Deadline& deadline) {
    std::vector<std::string> texts;
    for (const auto& [name, text] : notes)
        if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    node.attributes.set(
        {.node = {},
         .name = attribute_name(resource),
         .value = texts.empty() ? std::nullopt : std::optional{text::joined(texts, "; ")}},
        deadline);
}

/// Until the notes have not changed meanwhile: the last one to look sets what is there.
void publish(const Replica_name& resource, System& node, const Deadline& deadline) {
    auto notes = find_notes(resource, node.files);
    for (;;) {
        set(resource, notes, node, deadline);
        auto now = find_notes(resource, node.files);
        if (now == notes || deadline.expired()) return;
        notes = std::move(now);
    }
}

void remove(const Replica_name& resource, const Notes& notes, System& node,
            const Deadline& deadline) {
    Notes rest = find_notes(resource, node.files);
    for (const auto& [name, text] : notes) rest.erase(name);
    // First the attribute: what is killed in between is done again, because the notes are there.
    set(resource, rest, node, deadline);
    for (const auto& [name, text] : notes) node.files.remove(directory_of(resource) / name);
    node.files.remove_if_empty(directory_of(resource));
    if (find_notes(resource, node.files) != rest) publish(resource, node, deadline);
}

}  // namespace

std::string attribute_name(const Replica_name& resource) {
    return "san-drbd-" + resource.to_text();
}

void raise(const Replica_event& event, const std::string& text, const Replica_name& resource,
           System& node, const Deadline& deadline) {
    const auto older = find_notes(resource, node.files);
    node.files.replace(directory_of(resource) / new_name(event), text);
    for (const auto& [name, older_text] : older)
        if (older_text == text) node.files.remove(directory_of(resource) / name);
    publish(resource, node, deadline);
}

Change clear(const Replica_name& resource, System& node, const Deadline& deadline) {
    const auto notes = find_notes(resource, node.files);
    remove(resource, notes, node, deadline);
    return notes.empty() ? Change::none : Change::made;
}

bool is_healthy(const drbd::Resource& resource) {
    return replica::faults(resource).empty() && replica::troubles(resource).empty();
}

Change refresh(const Replica_name& resource, System& node, const Deadline& deadline,
               const std::string& seen) {
    const auto monitor = directory_of(resource) / seen_note;
    if (!seen.empty() && node.files.find(monitor) != seen) node.files.replace(monitor, seen);
    // Before the look: an event that comes after it leaves a note that is not among these.
    auto over = find_notes(resource, node.files);
    if (over.empty()) return Change::none;
    const auto found = node.drbd.find(resource.to_text());
    const bool healthy = found && is_healthy(*found);
    std::erase_if(over, [&](const auto& note) {
        return note.first == seen_note ? !seen.empty()
                                       : !healthy || !event_of(note.first)->seen_in_states;
    });
    if (!over.empty()) {
        remove(resource, over, node, deadline);
        return Change::made;
    }
    publish(resource, node, deadline);
    return Change::none;
}

}  // namespace san::replica_alarm
