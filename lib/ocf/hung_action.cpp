// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/hung_action.hpp"

#include <algorithm>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::ocf {

namespace {

using namespace std::chrono_literals;

// Before Linux 5.3 the end of a process that is no child announces itself nowhere.
constexpr auto look_again = 100ms;

}  // namespace

Hung_action::Hung_action(const Environment& environment, const Files& files)
    : files_{&files}, path_{environment.state_file("san-hung-" + environment.instance())} {}

void Hung_action::note(const Abandoned& failure) const try {
    const auto process = std::to_string(failure.process());
    if (const auto begun = begin_of(process))
        files_->replace(path_, process + " " + *begun + " " + failure.step());
} catch (const Error& problem) {
    log::warning("the next action will not know that this one hangs: ", problem.what());
}

std::optional<std::string> Hung_action::find() const {
    const auto note = read();
    if (!note || !lives(*note)) return {};
    return note->step;
}

void Hung_action::wait(const Deadline& deadline) const {
    const auto note = read();
    if (!note) return;
    const auto number = text::number<int>(note->process).value_or(0);
    const auto handle = Fd::adopt(static_cast<int>(::syscall(SYS_pidfd_open, number, 0U)));
    while (lives(*note)) {
        if (deadline.expired())
            throw Error{Kind::failed, "time is up while still waiting for " + note->step};
        const auto span = handle ? deadline.left() : std::min(deadline.left(), look_again);
        pollfd end{handle.raw(), POLLIN, 0};
        ::poll(&end, handle ? 1 : 0, static_cast<int>(span.count()));
    }
    files_->remove(path_);
}

std::optional<Hung_action::Note> Hung_action::read() const {
    const auto content = files_->find(path_);
    if (!content) return {};
    const auto first = content->find(' ');
    const auto second = content->find(' ', first + 1);
    if (first == std::string::npos || second == std::string::npos) {
        // Not ours; a stop must not fail because of it.
        log::warning(path_.string(), ": expected the note of an action that hangs");
        return {};
    }
    return Note{.process = content->substr(0, first),
                .begun = content->substr(first + 1, second - first - 1),
                .step = content->substr(second + 1)};
}

std::optional<std::string> Hung_action::begin_of(const std::string& process) const {
    const auto stat = files_->find("/proc/" + process + "/stat");
    if (!stat) return {};
    // The name, in brackets, may hold anything; the start is the 20th word behind it (proc(5)).
    const auto words = text::words(stat->substr(stat->rfind(')') + 1));
    constexpr std::size_t start = 19;
    // What is a zombie or dead has ended, whoever has still to hear of it.
    if (words.size() <= start || words.front() == "Z" || words.front() == "X") return {};
    return words[start];
}

bool Hung_action::lives(const Note& note) const { return begin_of(note.process) == note.begun; }

}  // namespace san::ocf
