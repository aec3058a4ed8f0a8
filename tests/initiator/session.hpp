// SPDX-License-Identifier: GPL-2.0-or-later
// One login to one logical unit, for as long as it lasts.
//
// A session never repairs itself: whatever goes wrong ends it with Session_lost, and its owner
// makes a new one. libiscsi's own reconnecting is switched off, since it waits for seconds on its
// own schedule and repeats commands behind the caller's back.
#pragma once

#include <cstdint>
#include <functional>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "block.hpp"
#include "stop.hpp"

namespace initiator {

/// Where and as whom to log in.
struct Peer {
    std::string portal;  // numeric address and port, as libiscsi takes them
    std::string target;
    int lun = 0;
    std::string initiator_name;
    std::string user;  // empty: no CHAP
    std::string password;
    std::string target_user;  // empty: the target need not authenticate itself
    std::string target_password;
    std::uint32_t isid = 0;  // 24 bits; the target sees 80, these, and two bytes of zero
    std::chrono::milliseconds answer_timeout{5000};
    bool expects_ready = true;  // else a unit that only answers questions will do
};

struct Session_lost : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Identity {
    std::string vendor, product, revision, serial;
};

template <auto free_function>
struct Freed_by {
    void operator()(auto* pointer) const { free_function(pointer); }
};
template <class T, auto free_function>
using Owned = std::unique_ptr<T, Freed_by<free_function>>;

class Session {
public:
    /// Connects, logs in, consumes the unit attentions of a new nexus and reads the capacity.
    /// Waits end with Session_lost at their timeout and with Interrupted soon after a stop.
    Session(const Peer& peer, Stop& stop);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::uint64_t capacity_bytes() const { return capacity_bytes_; }
    std::uint32_t sector_bytes() const { return sector_bytes_; }

    /// Writes one block with FUA: on return it is on stable storage, or the target lied.
    void write(std::uint64_t slot, const Block& block);
    /// Without FUA, which LIO refuses for a device that has no cache.
    void write_plainly(std::uint64_t slot, const Block& block);
    Block read(std::uint64_t slot);
    Identity identify();
    /// The NAA name of the unit in hex digits, empty if it has none.
    std::string naa();
    /// The caching mode page in hex digits, as in force (SPC-4, 6.13; SBC-3, 6.5.5).
    std::string caching_page();
    /// The whole answer to REPORT TARGET PORT GROUPS.
    std::vector<std::uint8_t> target_port_groups();

    /// Sends one command and returns its SCSI status, whatever it is: an answer such as RESERVATION
    /// CONFLICT is what the caller wants to know. `data` receives what came back.
    using Task_maker = std::function<scsi_task*(iscsi_context*, iscsi_command_cb, void*)>;
    int ask(const std::string& what, const Task_maker& make, std::string* data = nullptr);
    int lun() const { return peer_.lun; }

    /// Sends a WRITE whose data never arrive whole.
    void stall();

    /// Keeps answering the target's pings until a point in time or a stop.
    void idle(Clock::time_point until);

private:
    struct Exchange {
        bool done = false;
        int status = 0;
    };
    using Task = Owned<scsi_task, scsi_free_scsi_task>;
    using Simple_maker = std::function<scsi_task*(iscsi_context*)>;

    static void note_done(iscsi_context*, int status, void*, void* exchange);

    void begin();
    void connect();
    void log_in();
    void read_capacity();
    void send(std::uint64_t slot, const Block& block, int fua);
    void serve(Clock::time_point until);
    void await(const std::string& what, std::chrono::milliseconds timeout);
    int answer(const std::string& what, const Simple_maker& make);
    void command(const std::string& what, const Simple_maker& make);
    std::string socket_error() const;
    std::string library_error() const;

    const Peer peer_;
    Stop& stop_;
    // Destroying the context still calls back with "cancelled" and touches the task, so both
    // have to outlive it.
    Exchange exchange_;
    Task task_;
    Owned<iscsi_context, iscsi_destroy_context> context_;
    std::string old_error_;
    std::uint32_t sector_bytes_ = 0;
    std::uint64_t capacity_bytes_ = 0;
};

}  // namespace initiator
