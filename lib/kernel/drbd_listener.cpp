// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <linux/genetlink.h>

#include "base/error.hpp"
#include "kernel/drbd_channel.hpp"
#include "kernel/drbd_events.hpp"
#include "kernel/drbd_messages.hpp"

namespace san::drbd {

namespace {

using namespace std::chrono_literals;

// Events that never let a snapshot be read to its end.
constexpr int attempts = 10;

class Netlink_watch final : public Watch {
public:
    Netlink_watch(const Open_channel& open, Events events) : channel_{open()} {
        // First, so that a module that comes now is seen by the one or the other. The controller's
        // group has the number of its family (net/netlink/genetlink.c, 6.1).
        if (events == Events::and_module_itself) channel_->join(GENL_ID_CTRL);
        // By a channel of its own: among events the answer could not be told.
        const auto asking = open();
        const auto family = find_family(*asking);
        if (family)
            channel_->join(family->events_group);
        else if (events == Events::of_module)
            throw Error{Kind::failed, "DRBD's module is not loaded"};
    }

    bool wait(const Deadline& deadline) override {
        try {
            if (!channel_->receive(deadline)) return false;
            // The rest of what has come: one look answers for all of it.
            while (channel_->receive(Deadline::in(0s))) {
            }
        } catch (const Error& failure) {
            // More came than the socket can hold; that it changed is all that is asked.
            if (failure.errnum() != ENOBUFS) throw;
        }
        return true;
    }

private:
    std::unique_ptr<Channel> channel_;
};

class Netlink_listener final : public Listener {
public:
    explicit Netlink_listener(Open_channel open) : open_{std::move(open)} {
        if (!begin_anew()) throw Error{Kind::failed, "DRBD's module is not loaded"};
    }

    bool wait(const Deadline& deadline) override {
        bool changed = false;
        while (!unloaded() && take_next(deadline)) {
            changed = true;
            while (!unloaded() && take_next(Deadline::in(0s))) {
            }
            // Otherwise the rest of an atomic change is on its way.
            if (stream_->settled()) break;
        }
        return changed;
    }

    const std::vector<Resource>& resources() const override { return stream_->resources(); }

    std::vector<Helper_call> helper_calls() override {
        keep_calls();
        return std::exchange(kept_calls_, {});
    }

    bool unloaded() const override { return stream_->unloaded(); }

private:
    /// Whether something came before the deadline.
    bool take_next(const Deadline& deadline) {
        bool lost = false;
        try {
            const auto datagram = channel_->receive(deadline);
            if (!datagram) return false;
            stream_->take(*datagram);
        } catch (const Error& failure) {
            if (failure.errnum() != ENOBUFS) throw;
            lost = true;
        }
        // The event that the module is gone may be among those.
        if ((lost || stream_->lost()) && !begin_anew()) stream_->unload();
        return true;
    }

    /// A fresh socket: in the old one are messages from before and after those that were lost.
    /// Whether the module is loaded.
    bool begin_anew() {
        for (int attempt = 0; attempt < attempts; ++attempt) {
            auto channel = open_();
            const auto family = find_family(*channel);
            if (!family) return false;
            keep_calls();
            stream_.emplace(*family);
            channel_ = std::move(channel);
            channel_->join(family->events_group);
            // The controller's own events, which tell that the module is unloaded; its group has
            // the number of its family (net/netlink/genetlink.c).
            channel_->join(GENL_ID_CTRL);
            channel_->send(snapshot_request(*family));
            if (read_snapshot()) return true;
        }
        throw Error{Kind::failed, "DRBD's state changes faster than it can be read"};
    }

    bool read_snapshot() {
        try {
            while (!stream_->ready() && !stream_->lost() && !stream_->unloaded())
                stream_->take(channel_->must_receive());
        } catch (const Error& failure) {
            if (failure.errnum() != ENOBUFS) throw;
            return false;
        }
        return !stream_->lost();
    }

    void keep_calls() {
        if (!stream_) return;
        for (auto& call : stream_->helper_calls()) kept_calls_.push_back(std::move(call));
    }

    Open_channel open_;
    std::unique_ptr<Channel> channel_{};
    std::optional<Event_stream> stream_{};
    std::vector<Helper_call> kept_calls_{};
};

}  // namespace

std::unique_ptr<Watch> make_watch(const Open_channel& open, Events events) {
    return std::make_unique<Netlink_watch>(open, events);
}

std::unique_ptr<Listener> make_listener(const Open_channel& open) {
    return std::make_unique<Netlink_listener>(open);
}

}  // namespace san::drbd
