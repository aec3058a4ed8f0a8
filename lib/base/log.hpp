// SPDX-License-Identifier: GPL-2.0-or-later
// One line per change of state. The level is an argument, never guessed from the text.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>

namespace san::log {

enum class Level { debug, info, warning, error };

/// Where lines go. Lines written before one is set, and by tests that set none, are dropped.
using Sink = std::function<void(Level, std::string_view)>;
void set_sink(Sink sink);

void write(Level level, std::string_view line);

inline void append(std::string& line, std::string_view part) { line += part; }
void append(std::string& line, std::integral auto number) { line += std::to_string(number); }

template <class... Part>
void at(Level level, const Part&... parts) {
    std::string line;
    (append(line, parts), ...);
    write(level, line);
}
template <class... Part>
void debug(const Part&... parts) {
    at(Level::debug, parts...);
}
template <class... Part>
void info(const Part&... parts) {
    at(Level::info, parts...);
}
template <class... Part>
void warning(const Part&... parts) {
    at(Level::warning, parts...);
}
template <class... Part>
void error(const Part&... parts) {
    at(Level::error, parts...);
}

}  // namespace san::log
