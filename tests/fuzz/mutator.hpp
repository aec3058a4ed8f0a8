// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of netlink messages that keep enough of their structure to reach what is behind the first
// check: lengths, types, nesting, order, numbers.
#pragma once

#include <random>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

class Mutator {
public:
    explicit Mutator(unsigned seed) : random_{seed} {}

    /// One to six changes; attributes and messages also come from `other`.
    Input changed(const Input& input, const Input& other);
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

private:
    void change(drbd::Datagram& bytes, const drbd::Datagram& other);
    std::uint32_t number();

    std::mt19937 random_;
};

}  // namespace san::fuzz
