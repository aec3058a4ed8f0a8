// SPDX-License-Identifier: GPL-2.0-or-later
#include "block.hpp"

#include <algorithm>

#include "support/catch.hpp"

using namespace initiator;

namespace {

constexpr Label older{0xabc, 3, 1};
constexpr Label newer{0xabc, 5, 1};

}  // namespace

TEST_CASE("block: what was encoded is intact and keeps its label") {
    const auto finding = examine(encode(newer), newer.run);

    CHECK(finding.content == Content::intact);
    CHECK(finding.label == newer);
    CHECK(finding.text == "sectors 0-7: sequence 5 for slot 1");
}

TEST_CASE("block: every part of the label changes the checksum") {
    const auto sum = stored_checksum(encode(newer));

    CHECK(stored_checksum(encode(newer)) == sum);
    CHECK(stored_checksum(encode({0xabd, 5, 1})) != sum);
    CHECK(stored_checksum(encode({0xabc, 6, 1})) != sum);
    CHECK(stored_checksum(encode({0xabc, 5, 2})) != sum);
}

TEST_CASE("block: a mixture of two writes is torn, wherever the border lies") {
    for (std::size_t border = 1; border < block_bytes; ++border) {
        auto mixture = encode(older);
        const auto over = encode(newer);
        std::copy_n(over.begin(), border, mixture.begin());
        // The first bytes of both are the same (magic, run), so the older one is still whole.
        if (mixture == encode(older)) continue;
        if (mixture == over) continue;
        INFO("the newer block covers " << border << " bytes");
        REQUIRE(examine(mixture, newer.run).content == Content::torn);
    }
}

TEST_CASE("block: a torn one tells which sectors hold what") {
    auto mixture = encode(older);
    const auto over = encode(newer);
    std::copy_n(over.begin(), 512 * 3, mixture.begin());
    std::fill_n(mixture.begin() + 512 * 7, 512, std::uint8_t{0});

    CHECK(examine(mixture, newer.run).text ==
          "sectors 0-2: sequence 5 for slot 1, sectors 3-6: sequence 3 for slot 1, "
          "sectors 7-7: zeros, contents do not match");
}

TEST_CASE("block: one flipped bit anywhere is noticed") {
    const auto whole = encode(newer);
    for (std::size_t at = 0; at < block_bytes; ++at) {
        auto damaged = whole;
        damaged[at] ^= 0x10;
        INFO("byte " << at);
        REQUIRE(examine(damaged, newer.run).content == Content::torn);
    }
}

TEST_CASE("block: zeros, noise and the blocks of another run are foreign") {
    Block zeros{};
    Block noise;
    noise.fill(0x5a);

    CHECK(examine(zeros, 0xabc).content == Content::foreign);
    CHECK(examine(zeros, 0xabc).text == "sectors 0-7: zeros");
    CHECK(examine(noise, 0xabc).text == "sectors 0-7: unknown data");
    CHECK(examine(encode({0xabd, 5, 1}), 0xabc).content == Content::foreign);
    CHECK(examine(encode({0xabd, 5, 1}), 0xabc).text == "sectors 0-7: another run");
}
