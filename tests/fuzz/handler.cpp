// SPDX-License-Identifier: GPL-2.0-or-later
// The environment and the words that DRBD's handlers are called with, and /proc/drbd.
#include "base/text.hpp"
#include "cluster/fence_request.hpp"
#include "cluster/replica_facts.hpp"
#include "fuzz/fuzz.hpp"
#include "storage/replica_event.hpp"
#include "storage/replica_notice.hpp"
#include "storage/replica_picture.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "handler", .is_netlink = false};

namespace {

/// A variable in each line; the first line is that of the call.
Variables variables_of(std::string_view text) {
    Variables all;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        const auto sign = line.find('=');
        if (sign != std::string_view::npos)
            all.emplace(line.substr(0, sign), line.substr(sign + 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

void fence(const std::vector<std::string>& words, const Variables& environment) {
    const auto request = cluster::parse_request(words, environment, false);
    const auto path = request.lock_path();
    require(request.options.help || path.empty() || path.find("/../") == std::string::npos ||
                request.options.lock_file.find("..") != std::string::npos ||
                request.options.lock_directory.find("..") != std::string::npos,
            "a resource whose lock is elsewhere");
    require(!request.options.unreachable_is_outdated, "a person's word from nobody");
}

void notify(const std::vector<std::string>& words, const Variables& environment) {
    const auto call = Handler_call::parse("notify-split-brain.sh", words);
    if (call.event == nullptr) return;
    const auto notice = Replica_notice::parse(*call.event, environment);
    for (const auto& line : {notice.log_line(), notice.subject("alice"), notice.alarm()})
        require(line.find('\n') == std::string::npos, "a line of two");
    notice.letter("alice", "now", "");
}

}  // namespace

void decode(const Input& input) {
    const auto text = input.text();
    const auto words = text::words(text.substr(0, text.find('\n')));
    switch (input.choice & 3U) {
        case 0:
            return fence(words, variables_of(text));
        case 1:
            return notify(words, variables_of(text));
        default:
            cluster::facts_of_8(text, {0, 1});
            replica_picture::of_proc(std::string{text}, {"0"});
    }
}

}  // namespace san::fuzz
