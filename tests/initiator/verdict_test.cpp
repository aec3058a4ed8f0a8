// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace initiator;

namespace {

constexpr std::uint64_t run = 0xabc;
constexpr std::uint64_t slot = 1;

Recorded_write logged(std::uint64_t sequence) {
    return {sequence, stored_checksum(encode({run, sequence, slot}))};
}

Verdict verdict(const Block& found, const Slot_record& record) {
    return judge(found, run, slot, record).verdict;
}

}  // namespace

TEST_CASE("verdict: the last acknowledged block is good, an older one means a lost write") {
    const Slot_record record{logged(5), logged(5)};

    CHECK(verdict(encode({run, 5, slot}), record) == Verdict::good);
    CHECK(verdict(encode({run, 3, slot}), record) == Verdict::lost);
    CHECK(judge(encode({run, 3, slot}), run, slot, record).text ==
          "slot 1 holds sectors 0-7: sequence 3 for slot 1; acknowledged was sequence 5, "
          "last sent 5");
}

TEST_CASE("verdict: a block sent but not acknowledged may be there or not") {
    const Slot_record record{logged(5), logged(7)};

    CHECK(verdict(encode({run, 5, slot}), record) == Verdict::good);
    CHECK(verdict(encode({run, 7, slot}), record) == Verdict::good);
    CHECK(verdict(encode({run, 9, slot}), record) == Verdict::lost);
}

TEST_CASE("verdict: before the first acknowledgement anything whole may be there") {
    const Slot_record record{std::nullopt, logged(1)};

    CHECK(verdict(Block{}, record) == Verdict::good);
    CHECK(verdict(encode({run + 1, 1, slot}), record) == Verdict::good);
    CHECK(verdict(encode({run, 1, slot}), record) == Verdict::good);
}

TEST_CASE("verdict: zeros, another run or another slot's block in place of ours are losses") {
    const Slot_record record{logged(5), logged(5)};

    CHECK(verdict(Block{}, record) == Verdict::lost);
    CHECK(verdict(encode({run + 1, 5, slot}), record) == Verdict::lost);
    CHECK(verdict(encode({run, 5, slot + 1}), record) == Verdict::lost);
}

TEST_CASE("verdict: parts of two writes, or other bytes than logged, are torn") {
    auto mixture = encode({run, 3, slot});
    const auto newer = encode({run, 5, slot});
    std::copy_n(newer.begin(), 2048, mixture.begin());

    CHECK(verdict(mixture, {logged(3), logged(5)}) == Verdict::torn);
    CHECK(verdict(newer, {Recorded_write{5, 1}, {5, 1}}) == Verdict::torn);
}
