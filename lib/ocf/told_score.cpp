// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/told_score.hpp"

#include <ctime>
#include <unistd.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace san::ocf {

namespace {

constexpr long lifetime = 60;  // seconds

/// Not moved by anybody, and going on while the machine sleeps.
long now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time.tv_sec;
}

std::string word(std::optional<int> score) { return score ? std::to_string(*score) : "none"; }

}  // namespace

Told_score::Told_score(const Environment& environment, const Files& files)
    : files_{&files}, path_{environment.state_file("san-score-" + environment.instance())} {}

bool Told_score::is(std::optional<int> score) const {
    const auto words = text::words(files_->find(path_).value_or(""));
    if (words.size() != 3 || words[0] != std::to_string(::getppid()) || words[2] != word(score))
        return false;
    const auto age = now() - text::number<long>(words[1]).value_or(0);
    return age >= 0 && age < lifetime;
}

void Told_score::note(std::optional<int> score) const {
    try {
        files_->replace(path_, std::to_string(::getppid()) + " " + std::to_string(now()) + " " +
                                   word(score) + "\n");
    } catch (const Error& failure) {
        log::debug("promotion score: ", failure.what());
    }
}

}  // namespace san::ocf
