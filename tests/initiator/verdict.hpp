// SPDX-License-Identifier: GPL-2.0-or-later
// The rule of the whole program: what a slot may hold, given what the log says about it.
#pragma once

#include <string>

#include "block.hpp"
#include "journal.hpp"

namespace initiator {

enum class Verdict { good, lost, torn };

struct Judgement {
    Verdict verdict = Verdict::good;
    std::string text;  // what was found and what was expected; empty when good
};

/// Judges what was read from a slot.
///
/// good   the last acknowledged block, or the one sent after it whose fate is unknown; before
///        the first acknowledgement also whatever was there before this run
/// torn   parts of this run's blocks that make no whole one, or not the bytes that were logged;
///        also of a write without acknowledgement, since an aligned 4 KiB block is one request
///        in every layer we test, and a layer that splits it is worth knowing
/// lost   an older block, another slot's block, or nothing of this run
Judgement judge(const Block& found, std::uint64_t run, std::uint64_t slot,
                const Slot_record& record);

}  // namespace initiator
