// SPDX-License-Identifier: GPL-2.0-or-later
// Undoing half of a start, and finishing all of a stop.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace san {

/// Steps to undo, newest first, unless commit() came before. A failing undo is attached to the
/// failure that caused it.
class Rollback {
public:
    Rollback() = default;
    Rollback(const Rollback&) = delete;
    Rollback& operator=(const Rollback&) = delete;

    void on_failure(std::function<void()> undo) { steps_.push_back(std::move(undo)); }
    void commit() noexcept { steps_.clear(); }

    /// Runs `work`; when it throws, undoes and rethrows.
    template <class Work>
    void guard(Work&& work) {
        try {
            work();
            commit();
        } catch (Error& failure) {
            undo(failure);
            throw;
        }
    }

private:
    void undo(Error& failure);
    std::vector<std::function<void()>> steps_;
};

/// Runs every step whatever happens to the others; done() throws the first failure with the rest
/// attached. For stop and demote, where giving up early means fencing.
class Best_effort {
public:
    template <class Work>
    void step(Work&& work) {
        try {
            work();
        } catch (const Error& failure) {
            note(failure);
        }
    }
    void done() const;

private:
    void note(const Error& failure);
    std::optional<Error> first_;
};

}  // namespace san
