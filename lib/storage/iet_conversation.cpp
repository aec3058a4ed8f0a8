// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_conversation.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>

#include "base/error.hpp"
#include "base/log.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;
constexpr auto look_again = 100ms;

}  // namespace

std::vector<iet::Target> Iet_conversation::targets() const {
    const auto list = control_->volumes(deadline_);
    if (!list) return {};
    return iet::parse_volumes(*list);
}

std::optional<iet::Target> Iet_conversation::target(const std::string& name) const {
    for (auto& target : targets())
        if (target.name == name) return std::move(target);
    return {};
}

std::vector<iet::Connection> Iet_conversation::connections(std::uint32_t target) const {
    return iet::parse_connections(control_->sessions(deadline_).value_or(""), target);
}

std::vector<iet::Connection> Iet_conversation::possible_connections() const {
    return iet::possible_connections(control_->sessions(deadline_).value_or(""));
}

iet::Answer Iet_conversation::attempt(const iet::Request& request, const std::string& deed) const {
    auto answer = control_->ask(request, deadline_);
    if (answer.errnum == ECONNREFUSED)
        throw Error{Kind::failed,
                    subject_ + ": " + deed + ": ietd is not running; its service has to be"};
    if (answer.ok()) log::info(subject_, ": ", deed);
    return answer;
}

Change Iet_conversation::change(const iet::Request& request, const std::string& deed,
                                std::initializer_list<int> already) const {
    const auto answer = attempt(request, deed);
    if (answer.ok()) return Change::made;
    if (std::find(already.begin(), already.end(), answer.errnum) != already.end())
        return Change::none;
    fail(deed, answer);
}

std::string Iet_conversation::show(const iet::Request& question) const {
    auto answer = control_->ask(question, deadline_);
    if (!answer.ok()) fail("asking ietd", answer);
    return std::move(answer.text);
}

void Iet_conversation::settle() const {
    if (speaks_of_accounts()) ask({.op = iet::Account_op::list});
}

void Iet_conversation::fail(const std::string& deed, const iet::Answer& answer) const {
    throw Error{Kind::failed, subject_ + ": " + deed + ": ietadm says: " + answer.text};
}

void Iet_conversation::wait_for(const std::string& obstacle) const {
    if (deadline_.left() <= look_again)
        throw Error{Kind::failed, subject_ + ": time is up while waiting for " + obstacle};
    ::poll(nullptr, 0, static_cast<int>(look_again.count()));
}

}  // namespace san
