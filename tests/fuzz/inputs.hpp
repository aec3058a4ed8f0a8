// SPDX-License-Identifier: GPL-2.0-or-later
// What a target starts from: captures, and its corpus.
//
// A corpus is a file of lines, each an input: the choice as a hexadecimal digit, a blank, and the
// bytes, of which those that are not printed, and backslashes, are written as \n or \x1b.
#pragma once

#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace san::fuzz {

std::vector<Input> first_inputs();
std::string line_of(const Input& input);

}  // namespace san::fuzz
