// SPDX-License-Identifier: GPL-2.0-or-later
// The log of a run: what was about to be sent, and what the target acknowledged.
//
// Lines, in the order of events; every line is one write(2) to a file opened for appending, so
// killing the writer loses no line it relied on, and cuts at most the last one short:
//
//   run <run id, hex> blocks <number of slots>
//   intent <sequence> <slot> <checksum, hex> <ms since start>     before the first sending
//   ack <sequence> <slot> <checksum, hex> <ms since start>        after the target said GOOD
//
// It guards against the death of the writer, not of the machine it runs on; hence no fsync.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "block.hpp"

namespace initiator {

/// The log cannot be used, with its name, the place and what was expected there.
struct Journal_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Journal {
public:
    /// Starts a log. The file may exist only when it is empty: two runs in one log would make
    /// the first one look lost.
    Journal(std::string path, std::uint64_t run, std::uint64_t slots);
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    void intend(const Label& label, std::uint64_t checksum, std::chrono::milliseconds at);
    void acknowledge(const Label& label, std::uint64_t checksum, std::chrono::milliseconds at);

private:
    void append(const char* kind, const Label& label, std::uint64_t checksum,
                std::chrono::milliseconds at);
    void append(const std::string& line);

    std::string path_;
    int file_;
};

struct Recorded_write {
    std::uint64_t sequence = 0;
    std::uint64_t checksum = 0;

    bool operator==(const Recorded_write&) const = default;
};

/// What one slot may hold: the last acknowledged write or the last intended one.
struct Slot_record {
    std::optional<Recorded_write> acknowledged;
    Recorded_write intended;

    bool operator==(const Slot_record&) const = default;
};

struct Recorded_run {
    std::uint64_t run = 0;
    std::uint64_t slots = 0;         // as configured; not all need have been written
    std::uint64_t acknowledged = 0;  // writes, over all slots
    std::map<std::uint64_t, Slot_record> written;
};

/// Reads a log back. A last line without its newline was cut short by a kill and is left out.
Recorded_run read_journal(const std::string& path);

}  // namespace initiator
