// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/scst_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <poll.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::scst {

namespace {

using namespace std::chrono_literals;

constexpr auto last_result = "last_sysfs_mgmt_res";
// sysfs announces nothing here: the file has no sysfs_notify().
constexpr auto look_again = 20ms;

void pause() { ::poll(nullptr, 0, static_cast<int>(look_again.count())); }

}  // namespace

std::optional<std::string> find(const Scst_tree& tree, const Scst_tree::Path& attribute,
                                const Deadline& deadline) {
    for (;;) {
        auto answer = tree.read(attribute);
        if (answer.errnum == ENOENT || answer.errnum == ENOTDIR) return {};
        if (answer.errnum == 0) {
            auto text = std::move(answer.text);
            if (const auto mark = text.find("\n[key]"); mark != std::string::npos)
                text.resize(mark);
            text = text::trimmed(text);
            std::replace(text.begin(), text.end(), '\n', ' ');
            return text;
        }
        const bool queued = answer.errnum == EAGAIN || answer.errnum == EINTR;
        if (!queued || deadline.left() <= look_again)
            throw system_error("reading " + attribute.string(), answer.errnum);
        pause();
    }
}

bool is_busy(const Scst_tree& tree) { return tree.read(last_result).errnum == EAGAIN; }

bool await_quiet(const Scst_tree& tree, const Deadline& deadline) {
    while (is_busy(tree)) {
        if (deadline.left() <= look_again) return false;
        pause();
    }
    return true;
}

Result submit(Scst_tree& tree, const Scst_tree::Path& attribute, std::string_view data,
              const Deadline& deadline) {
    const auto errnum = tree.write(attribute, data);
    // EINTR ends the wait, not the command.
    if (errnum != EAGAIN && errnum != EINTR) return {.errnum = errnum};
    if (!await_quiet(tree, deadline))
        throw Error{Kind::failed, "time is up while SCST has it queued"};
    const auto answer = tree.read(last_result);
    const auto number = text::number<int>(text::trimmed(answer.text));
    if (!number)
        throw Error{Kind::failed, std::string{last_result} + " is " + text::quoted(answer.text)};
    return {.errnum = *number < 0 ? -*number : 0, .shared = true};
}

}  // namespace san::scst
