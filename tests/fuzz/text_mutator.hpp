// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of text that keep most of its lines, words and numbers.
#pragma once

#include "fuzz/dice.hpp"
#include "fuzz/fuzz.hpp"

namespace san::fuzz {

/// One to four changes; parts also come from `other`.
Input changed_text(const Input& input, const Input& other, Dice& dice);

}  // namespace san::fuzz
