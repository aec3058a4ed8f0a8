// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rollback.hpp"

namespace san {

void Rollback::undo(Error& failure) {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
        try {
            (*step)();
        } catch (const Error& second) {
            failure.also(second.what());
        }
    }
    steps_.clear();
}

void Best_effort::note(const Error& failure) {
    if (first_)
        first_->also(failure.what());
    else
        first_ = failure;
}

void Best_effort::done() const {
    if (first_) throw *first_;
}

}  // namespace san
