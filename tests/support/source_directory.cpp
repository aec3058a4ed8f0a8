// SPDX-License-Identifier: GPL-2.0-or-later
#include "support/source_directory.hpp"

std::string san::test::source_directory() { return SAN_SOURCE_DIR; }
