// SPDX-License-Identifier: GPL-2.0-or-later
// Chance that comes again with its seed.
#pragma once

#include <cstddef>
#include <random>

namespace san::fuzz {

class Dice {
public:
    explicit Dice(unsigned seed) : random_{seed} {}

    /// Below the limit; 0 where nothing is.
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
    std::uint32_t number() { return static_cast<std::uint32_t>(random_()); }

private:
    std::mt19937 random_;
};

}  // namespace san::fuzz
