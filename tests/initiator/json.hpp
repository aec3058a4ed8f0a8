// SPDX-License-Identifier: GPL-2.0-or-later
// The one thing JSON output cannot do without: quoting.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace initiator {

/// A JSON string. Bytes outside ASCII are shown as their code, since an inquiry answer may hold
/// anything and stdout has to stay valid UTF-8.
inline std::string json_text(std::string_view text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
            quoted += letter;
        } else if (code < 0x20 || code > 0x7e) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(code));
            quoted += escape;
        } else {
            quoted += letter;
        }
    }
    return quoted + '"';
}

}  // namespace initiator
