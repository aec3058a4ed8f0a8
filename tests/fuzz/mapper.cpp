// SPDX-License-Identifier: GPL-2.0-or-later
// What device-mapper answers.
#include "fuzz/fuzz.hpp"
#include "kernel/mapper_messages.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "mapper", .is_netlink = false};

void decode(const Input& input) {
    const std::span answer{input.text()};
    switch (input.choice & 3U) {
        case 0:
            for (const auto& name : dm::names(answer))
                require(name.size() <= 128, "a longer name than the kernel has");
            return;
        case 1:
            require(dm::lines(answer).size() <= answer.size() / 8, "more lines than fit");
            return;
        case 2:
            require(dm::below(answer).size() <= answer.size() / 8, "more devices than fit");
            return;
        default:
            require(dm::device(answer).name.size() < 129, "a longer name than there is room for");
    }
}

}  // namespace san::fuzz
