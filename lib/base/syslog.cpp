// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/syslog.hpp"

#include <array>
#include <syslog.h>
#include <utility>

namespace san::log {

int priority(Level level) {
    constexpr std::array numbers{LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};
    return numbers[static_cast<std::size_t>(level)];
}

const char* word(Level level) {
    constexpr std::array words{"DEBUG", "INFO", "WARNING", "ERROR"};
    return words[static_cast<std::size_t>(level)];
}

std::optional<int> facility(std::string_view name) {
    using Named = std::pair<std::string_view, int>;
    constexpr std::array<Named, 12> known{{{"auth", LOG_AUTH},
                                           {"authpriv", LOG_AUTHPRIV},
                                           {"cron", LOG_CRON},
                                           {"daemon", LOG_DAEMON},
                                           {"ftp", LOG_FTP},
                                           {"kern", LOG_KERN},
                                           {"lpr", LOG_LPR},
                                           {"mail", LOG_MAIL},
                                           {"news", LOG_NEWS},
                                           {"syslog", LOG_SYSLOG},
                                           {"user", LOG_USER},
                                           {"uucp", LOG_UUCP}}};
    for (const auto& [word, number] : known)
        if (name == word) return number;
    // syslog(3) numbers the eight of them in a row.
    if (name.size() == 6 && name.starts_with("local") && name[5] >= '0' && name[5] <= '7')
        return LOG_LOCAL0 + ((name[5] - '0') << 3);
    return {};
}

}  // namespace san::log
