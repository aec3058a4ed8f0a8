// SPDX-License-Identifier: GPL-2.0-or-later
// DRBD's module as captures play it: every request is answered with what a real module answered to
// one of the same command.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "kernel/drbd_channel.hpp"
#include "kernel/drbd_numbers.hpp"
#include "unit/kernel/capture.hpp"

namespace san::test {

/// What all conversations with one module share.
class Played_module {
public:
    /// The module with the state of that capture; "s01-not-loaded" is none.
    Played_module(drbd::Dialect dialect, const std::string& state) : dialect_{dialect} {
        const auto loaded = capture(dialect, "s02-unconfigured");
        const auto family = drbd::family_in(loaded.exchange("GETFAMILY").received.at(0));
        family_id_ = static_cast<std::uint8_t>(family.value().id);
        play(loaded);
        play(state);
    }

    /// From now on requests of its commands are answered as in this capture.
    void play(const Capture& capture) {
        for (const auto& exchange : capture.exchanges)
            answers_[command_of(exchange.requests.at(0))] = known(exchange);
    }
    void play(const std::string& name) { play(capture(dialect_, name)); }

    /// An event for all who have joined. Nothing stands for lost ones.
    void happen(std::optional<drbd::Datagram> event);
    void happen(const std::string& name, std::uint32_t later) {
        for (auto event : known(capture(dialect_, name).exchanges.at(0))) {
            std::uint32_t number = 0;
            std::memcpy(&number, event.data() + 8, sizeof number);
            number += later;
            std::memcpy(event.data() + 8, &number, sizeof number);
            happen(event);
        }
    }

    drbd::Open_channel channels();
    /// How often a request of each command was sent.
    std::map<int, int> asked;
    int opened = 0;

private:
    friend class Played_channel;

    static constexpr int get_family = -1;
    static int command_of(const drbd::Datagram& request) {
        const bool is_controller = (request.at(4) | request.at(5) << 8) == NLMSG_MIN_TYPE;
        return is_controller ? get_family : request.at(16);
    }

    /// With the number of this module's family.
    std::vector<drbd::Datagram> known(const Exchange& exchange) const {
        auto datagrams = exchange.received;
        const auto theirs = exchange.family_id();
        for (auto& datagram : datagrams)
            if (theirs != NLMSG_MIN_TYPE && (datagram[4] | datagram[5] << 8) == theirs)
                datagram[4] = family_id_;
        return datagrams;
    }

    drbd::Dialect dialect_;
    std::uint8_t family_id_ = 0;
    std::map<int, std::vector<drbd::Datagram>> answers_{};
    std::vector<std::deque<std::optional<drbd::Datagram>>*> listeners_{};
};

class Played_channel final : public drbd::Channel {
public:
    explicit Played_channel(Played_module& module) : module_{module} { ++module_.opened; }
    ~Played_channel() override { std::erase(module_.listeners_, &waiting_); }

    void join(unsigned) override {
        if (std::find(module_.listeners_.begin(), module_.listeners_.end(), &waiting_) ==
            module_.listeners_.end())
            module_.listeners_.push_back(&waiting_);
    }
    void send(const drbd::Datagram& request) override {
        const auto command = Played_module::command_of(request);
        ++module_.asked[command];
        for (const auto& datagram : module_.answers_.at(command)) waiting_.push_back(datagram);
        // The capture of the family has no acknowledgement, which the kernel sends when asked.
        if (command == Played_module::get_family && waiting_.back()->at(4) != NLMSG_ERROR)
            waiting_.push_back(drbd::Writer{NLMSG_ERROR, 0}.header(std::int32_t{0}).bytes());
    }
    std::optional<drbd::Datagram> receive(const Deadline&) override {
        if (waiting_.empty()) return {};
        const auto next = waiting_.front();
        waiting_.pop_front();
        if (!next) throw system_error("reading from DRBD", ENOBUFS);
        return next;
    }

private:
    Played_module& module_;
    std::deque<std::optional<drbd::Datagram>> waiting_{};
};

inline void Played_module::happen(std::optional<drbd::Datagram> event) {
    for (auto* listener : listeners_) listener->push_back(event);
}

inline drbd::Open_channel Played_module::channels() {
    return [this] { return std::make_unique<Played_channel>(*this); };
}

}  // namespace san::test
