// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_conversation.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "kernel/tgt_targets.hpp"

namespace san {

std::optional<std::string> Tgt_conversation::find(const tgt::Request& question) const {
    auto answer = daemon_->ask(question, deadline_);
    if (!answer) return {};
    if (!answer->ok())
        throw Error{Kind::failed, subject_ + ": asking tgtd: " + tgt::meaning_of(answer->code)};
    return std::move(answer->text);
}

std::vector<tgt::Target> Tgt_conversation::targets() const {
    const auto list = find(tgt::show_targets());
    if (!list) return {};
    return tgt::parse_targets(*list, [this](std::int32_t number) {
        const auto answer = daemon_->ask(tgt::show_parameters(number), deadline_);
        return answer && answer->code != tgt::no_target;
    });
}

std::optional<tgt::Target> Tgt_conversation::target(const std::string& name) const {
    for (auto& target : targets())
        if (target.name == name) return std::move(target);
    return {};
}

std::uint32_t Tgt_conversation::attempt(const tgt::Request& request,
                                        const std::string& deed) const {
    const auto answer = daemon_->ask(request, deadline_);
    if (!answer)
        throw Error{Kind::failed,
                    subject_ + ": " + deed + ": tgtd is not running; its service has to be"};
    if (answer->ok()) log::info(subject_, ": ", deed);
    return answer->code;
}

Change Tgt_conversation::change(const tgt::Request& request, const std::string& deed,
                                std::initializer_list<std::uint32_t> already) const {
    const auto code = attempt(request, deed);
    if (code == 0) return Change::made;
    if (std::find(already.begin(), already.end(), code) != already.end()) return Change::none;
    throw Error{Kind::failed, subject_ + ": " + deed + ": " + tgt::meaning_of(code)};
}

}  // namespace san
