// SPDX-License-Identifier: GPL-2.0-or-later
// Where recordings and reviewed texts are.
#pragma once

#include <string>

namespace san::test {

/// The top of the sources, without a slash at its end.
std::string source_directory();

}  // namespace san::test
