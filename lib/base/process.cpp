// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/process.hpp"

#include <string_view>
#include <sys/utsname.h>
#include <unistd.h>

namespace san {

Variables own_variables() {
    Variables all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view pair{*entry};
        const auto sign = pair.find('=');
        if (sign != std::string_view::npos)
            all.emplace(pair.substr(0, sign), pair.substr(sign + 1));
    }
    return all;
}

std::string host_name() {
    utsname names{};
    if (::uname(&names) != 0) return {};
    return names.nodename;
}

}  // namespace san
