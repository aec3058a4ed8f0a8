// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.hpp"

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace initiator {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw Journal_error("--log '" + path + "': " + what);
}

struct Entry {
    bool acknowledged = false;
    std::uint64_t slot = 0;
    Recorded_write write;
};

// %n tells how far sscanf came: anything behind the last field makes the line malformed.
bool complete(const std::string& line, int used) {
    return used > 0 && static_cast<std::size_t>(used) == line.size();
}

std::optional<Entry> find_entry(const std::string& line) {
    char kind[7] = {};
    Entry entry;
    std::uint64_t at_ms = 0;
    int used = 0;
    const auto fields =
        std::sscanf(line.c_str(), "%6s %" SCNu64 " %" SCNu64 " %" SCNx64 " %" SCNu64 "%n", kind,
                    &entry.write.sequence, &entry.slot, &entry.write.checksum, &at_ms, &used);
    if (fields != 5 || !complete(line, used)) return std::nullopt;
    entry.acknowledged = std::strcmp(kind, "ack") == 0;
    if (!entry.acknowledged && std::strcmp(kind, "intent") != 0) return std::nullopt;
    return entry;
}

/// Returns false when the line contradicts those before it.
bool take_in(Recorded_run& run, const Entry& entry) {
    if (entry.slot >= run.slots) return false;
    if (!entry.acknowledged) {
        run.written[entry.slot].intended = entry.write;
        return true;
    }
    const auto slot = run.written.find(entry.slot);
    if (slot == run.written.end() || slot->second.intended != entry.write) return false;
    slot->second.acknowledged = entry.write;
    ++run.acknowledged;
    return true;
}

}  // namespace

Journal::Journal(std::string path, std::uint64_t run, std::uint64_t slots)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ < 0) fail(path_, std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status = {};
    if (::fstat(file_, &status) != 0 || status.st_size != 0) {
        ::close(file_);
        fail(path_, "already holds a log; expected a new or an empty file");
    }
    char line[80];
    std::snprintf(line, sizeof line, "run %016" PRIx64 " blocks %" PRIu64 "\n", run, slots);
    append(line);
}

Journal::~Journal() { ::close(file_); }

void Journal::intend(const Label& label, std::uint64_t checksum, std::chrono::milliseconds at) {
    append("intent", label, checksum, at);
}

void Journal::acknowledge(const Label& label, std::uint64_t checksum,
                          std::chrono::milliseconds at) {
    append("ack", label, checksum, at);
}

void Journal::append(const char* kind, const Label& label, std::uint64_t checksum,
                     std::chrono::milliseconds at) {
    char line[120];
    std::snprintf(line, sizeof line, "%s %" PRIu64 " %" PRIu64 " %016" PRIx64 " %lld\n", kind,
                  label.sequence, label.slot, checksum, static_cast<long long>(at.count()));
    append(line);
}

void Journal::append(const std::string& line) {
    const auto done = ::write(file_, line.data(), line.size());
    if (done == static_cast<ssize_t>(line.size())) return;
    fail(path_, std::string("cannot be written: ") +
                    (done < 0 ? std::strerror(errno) : "no space for a whole line"));
}

Recorded_run read_journal(const std::string& path) {
    std::ifstream file(path);
    if (!file) fail(path, std::string("cannot be read: ") + std::strerror(errno));
    std::stringstream all;
    all << file.rdbuf();

    Recorded_run run;
    std::string line;
    for (std::uint64_t number = 1; std::getline(all, line) && !all.eof(); ++number) {
        const auto where = "line " + std::to_string(number) + " is '" + line + "'; expected ";
        int used = 0;
        if (number == 1) {
            const auto fields = std::sscanf(line.c_str(), "run %" SCNx64 " blocks %" SCNu64 "%n",
                                            &run.run, &run.slots, &used);
            if (fields != 2 || !complete(line, used)) fail(path, where + "'run ID blocks N'");
            continue;
        }
        const auto entry = find_entry(line);
        if (!entry) fail(path, where + "'intent|ack SEQUENCE SLOT CHECKSUM MS'");
        if (!take_in(run, *entry)) fail(path, where + "a slot of this run, intended before");
    }
    if (run.slots == 0) fail(path, "holds no run; expected a log made by 'san-initiator write'");
    return run;
}

}  // namespace initiator
