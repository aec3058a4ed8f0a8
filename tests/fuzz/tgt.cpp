// SPDX-License-Identifier: GPL-2.0-or-later
// What tgtd answers: an answer in pieces, and its lists.
#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "kernel/tgt_messages.hpp"
#include "kernel/tgt_targets.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "tgt", .is_netlink = false};

namespace {

void answer(const Input& input) {
    tgt::Incoming incoming;
    for (const auto& byte : input.bytes) {
        incoming.take(&byte, 1);
        if (!incoming.complete()) continue;
        require(incoming.answer().text.size() < input.bytes.size(), "more than was said");
        require(!tgt::meaning_of(incoming.answer().code).empty(), "an error without a word");
        return;
    }
}

}  // namespace

void decode(const Input& input) {
    switch (input.choice & 7U) {
        case 0:
            for (const auto& target : tgt::parse_targets(input.text(), [&](std::int32_t number) {
                     return number < 3 || !input.chooses(3);
                 }))
                require(target.name.find('\n') == std::string::npos, "a name of two lines");
            return;
        case 1:
            tgt::parse_parameters(input.text());
            return;
        case 2:
            tgt::parse_portals(input.text());
            return;
        case 3:
            tgt::parse_accounts(input.text());
            return;
        case 4:
            tgt::parse_discovery_users(input.text());
            return;
        default:
            answer(input);
    }
}

}  // namespace san::fuzz
