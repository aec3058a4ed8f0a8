// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_conversation.hpp"

#include <cerrno>
#include <poll.h>

#include "base/log.hpp"
#include "kernel/scst_queue.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

// sysfs announces nothing of SCST's.
constexpr auto look_again = 100ms;

/// What SCST means by some errnos.
Error meaning(const std::string& text, int errnum) {
    if (errnum == EPERM)
        return Error{Kind::failed, text + ": SCST's daemon iscsi-scstd is not running", errnum};
    if (errnum == EBADSLT)
        return Error{Kind::failed,
                     text + ": another target of this node has its relative target identifier",
                     errnum};
    auto error = system_error(text, errnum);
    return Error{Kind::failed, error.what(), errnum};
}

}  // namespace

std::optional<std::string> Scst_conversation::find(const Path& attribute) const {
    return scst::find(*tree_, attribute, deadline_);
}

std::vector<std::string> Scst_conversation::objects(const Path& directory) const {
    auto names = tree_->names(directory);
    std::erase(names, "mgmt");
    return names;
}

void Scst_conversation::settle() const {
    if (!scst::is_busy(*tree_)) return;
    step("SCST to do what others have asked for");
    if (!scst::await_quiet(*tree_, deadline_.within(deadline_.left() / 3)))
        log::warning(subject_, ": a command of others does not end");
}

Change Scst_conversation::make_so(const Command& command) const {
    if (command.is_so()) return Change::none;
    step("the lock of SCST");
    int errnum = 0;
    {
        const auto lock = tree_->lock();
        settle();
        if (command.is_so()) return Change::none;
        step(command.waits_for.empty() ? command.deed : command.waits_for);
        try {
            errnum = scst::submit(*tree_, command.at, command.data, deadline_).errnum;
        } catch (Error& late) {
            // It may have been done all the same.
            if (!command.is_so()) throw late.within(subject_ + ": " + command.deed);
        }
    }
    if (command.is_so()) {
        log::info(subject_, ": ", command.deed);
        return Change::made;
    }
    const auto text = subject_ + ": " + command.deed;
    if (errnum != 0) throw meaning(text, errnum);
    throw Error{Kind::failed, text + ": SCST took it, and it is not so"};
}

Change Scst_conversation::set(const Path& attribute, const std::string& value,
                              const std::string& deed) const {
    return make_so({.at = attribute, .data = value, .deed = deed, .is_so = [&] {
                        return find(attribute) == value;
                    }});
}

bool Scst_conversation::ask(const Path& attribute, const std::string& data) const {
    const auto errnum = tree_->write(attribute, data);
    if (errnum == ENOENT) return false;
    if (errnum != 0) throw meaning(subject_ + ": writing " + attribute.string(), errnum);
    return true;
}

void Scst_conversation::wait(const std::string& text) const {
    step(text);
    if (deadline_.left() <= look_again) throw failed("time is up while waiting for " + text);
    ::poll(nullptr, 0, static_cast<int>(look_again.count()));
}

void Scst_conversation::step(const std::string& text) const {
    if (progress_) progress_(text);
}

Error Scst_conversation::failed(const std::string& text, int errnum) const {
    return Error{Kind::failed, subject_ + ": " + text, errnum};
}

}  // namespace san
