// SPDX-License-Identifier: GPL-2.0-or-later
// Attributes of a unit's backstore that have no parameter of their own.
#pragma once

#include <string>
#include <string_view>

namespace san {

/// One of those below `attrib` of a backstore, in the administrator's words.
struct Device_attribute {
    std::string name;
    std::string value;

    /// "emulate_tpws=1". All of them are numbers, as written here: the kernel shows them so, and
    /// what it shows is compared.
    ///
    /// Errors  misconfigured, also for those that other parameters decide
    static Device_attribute parse(std::string_view text);
    std::string to_text() const { return name + "=" + value; }
};

}  // namespace san
