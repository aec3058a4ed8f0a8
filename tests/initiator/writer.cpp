// SPDX-License-Identifier: GPL-2.0-or-later
#include "writer.hpp"

#include <cstdio>
#include <ostream>
#include <random>

#include "connection.hpp"
#include "interruptions.hpp"
#include "journal.hpp"
#include "json.hpp"

namespace initiator {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::uint64_t random_run() {
    std::random_device source;
    return static_cast<std::uint64_t>(source()) << 32 | source();
}

class Writer {
public:
    Writer(const Options& options, Stop& stop)
        : options_(options),
          stop_(stop),
          interval_(static_cast<Clock::rep>(1e9 / options.rate)),
          run_(random_run()),
          journal_(options.log, run_, options.blocks),
          connection_(options.peer, stop, std::nullopt,
                      [this](const std::string& why) { note_loss(why); }),
          interruptions_(duration_cast<milliseconds>(interval_)) {}

    void run() {
        auto due = Clock::now();
        try {
            for (std::uint64_t sequence = 0; !stop_.requested(); ++sequence) {
                write_one({run_, sequence, sequence % options_.blocks});
                // Late blocks stay late: after an outage the old pace, not a burst.
                due = std::max(due + interval_, Clock::now());
                connection_.idle(due);
            }
        } catch (const Interrupted&) {
            // The block under way stays an intent without an acknowledgement.
        }
        interruptions_.finish(elapsed());
    }

    int report(std::ostream& out) const {
        const auto seconds = static_cast<double>(elapsed().count()) / 1000;
        char rate[32];
        std::snprintf(rate, sizeof rate, "%.1f",
                      seconds > 0 ? static_cast<double>(written_) / seconds : 0.0);
        out << "{\"written\": " << written_ << ", \"blocks_per_second\": " << rate
            << ", \"reconnects\": " << connection_.reconnects()
            << ", \"longest_interruption_ms\": " << interruptions_.longest().count()
            << ", \"interruptions\": [";
        const char* separator = "";
        for (const auto& [at, length] : interruptions_.noticed()) {
            out << separator << "{\"at_ms\": " << at.count() << ", \"ms\": " << length.count()
                << "}";
            separator = ", ";
        }
        out << "], \"last_loss\": " << json_text(last_loss_) << "}\n";
        return written_ > 0 ? 0 : 1;
    }

private:
    void write_one(const Label& label) {
        const auto block = encode(label);
        const auto checksum = stored_checksum(block);
        journal_.intend(label, checksum, elapsed());
        connection_.insist([&](Session& session) {
            check_capacity(session);
            if (options_.fua)
                session.write(label.slot, block);
            else
                session.write_plainly(label.slot, block);
        });
        const auto now = elapsed();
        journal_.acknowledge(label, checksum, now);
        ++written_;
        note_success(now, interruptions_.acknowledged(now));
    }

    // Too small from the start is a mistake on the command line. Too small later is one more way
    // of not being ready.
    void check_capacity(const Session& session) const {
        const auto fit = session.capacity_bytes() / block_bytes;
        if (fit >= options_.blocks) return;
        const auto text =
            "at most " + std::to_string(fit) + ", which is what the logical unit holds";
        if (written_ > 0) throw Session_lost("capacity changed: room for " + text);
        throw Usage_error("--blocks '" + std::to_string(options_.blocks) + "': expected " + text);
    }

    void note_loss(const std::string& why) {
        last_loss_ = why;
        if (options_.progress && !down_)
            std::fprintf(stderr, "%.1f s: connection lost (%s)\n", in_seconds(elapsed()),
                         why.c_str());
        down_ = true;
    }

    void note_success(milliseconds now, milliseconds wait) {
        if (options_.progress && down_)
            std::fprintf(stderr, "%.1f s: writing again after %.1f s\n", in_seconds(now),
                         in_seconds(wait));
        down_ = false;
    }

    static double in_seconds(milliseconds time) { return static_cast<double>(time.count()) / 1000; }

    milliseconds elapsed() const { return duration_cast<milliseconds>(Clock::now() - start_); }

    const Options& options_;
    Stop& stop_;
    const Clock::time_point start_ = Clock::now();
    const std::chrono::nanoseconds interval_;
    const std::uint64_t run_;
    Journal journal_;
    Connection connection_;
    Interruptions interruptions_;
    std::uint64_t written_ = 0;
    bool down_ = false;
    std::string last_loss_;
};

}  // namespace

int write_blocks(const Options& options, Stop& stop, std::ostream& out) {
    Writer writer{options, stop};
    writer.run();
    return writer.report(out);
}

}  // namespace initiator
