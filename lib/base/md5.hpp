// SPDX-License-Identifier: GPL-2.0-or-later
// MD5 as a way to spell names: the serial numbers of existing disks are made of it.
#pragma once

#include <string>
#include <string_view>

namespace san {

/// 32 hex digits in lower case, as md5sum(1) prints them.
std::string md5(std::string_view text);

}  // namespace san
