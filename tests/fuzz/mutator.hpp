// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of netlink messages that keep enough of their structure to reach what is behind the first
// check: lengths, types, nesting, order, numbers.
#pragma once

#include "fuzz/dice.hpp"
#include "fuzz/fuzz.hpp"

namespace san::fuzz {

class Mutator {
public:
    explicit Mutator(Dice& dice) : dice_{dice} {}

    /// One to six changes; attributes and messages also come from `other`.
    Input changed(const Input& input, const Input& other);

private:
    std::size_t below(std::size_t limit) { return dice_.below(limit); }
    void change(drbd::Datagram& bytes, const drbd::Datagram& other);
    std::uint32_t number();

    Dice& dice_;
};

}  // namespace san::fuzz
