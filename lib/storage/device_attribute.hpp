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

    /// "emulate_tpws=1". Numbers as the kernel shows them: what it shows is compared. Other names
    /// and values are taken as well, since those of tgt and IET stand in configurations that the
    /// shell agent ignores on LIO; start warns about those that the kernel does not have.
    ///
    /// Errors  misconfigured, also for those that other parameters decide
    static Device_attribute parse(std::string_view text);
    std::string to_text() const { return name + "=" + value; }
};

}  // namespace san
