// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/target_reload.hpp"

namespace san {

Fd Target_reload::begin() const { return files_->lock(mark_); }

void Target_reload::await_end(Bounded& bounded, const Deadline& deadline) const {
    // A target that was never reloaded has no mark; a monitor shall not make one.
    if (!files_->is_directory(mark_)) return;
    bounded.run(deadline, [this](const Bounded::Progress& progress) {
        progress("the reload of its target");
        files_->lock(mark_);
        return Change::none;
    });
}

void Target_reload::forget() const { files_->remove_if_empty(mark_); }

}  // namespace san
