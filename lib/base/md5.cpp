// SPDX-License-Identifier: GPL-2.0-or-later
// Nettle, because Pacemaker's libraries load it already (through GnuTLS), and because libgcrypt and
// the kernel's AF_ALG refuse MD5 on nodes in FIPS mode, where disks must keep their names too.
#include "base/md5.hpp"

#include <array>
#include <cstdint>
#include <nettle/md5.h>

namespace san {

std::string md5(std::string_view text) {
    md5_ctx context;
    md5_init(&context);
    md5_update(&context, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
    std::array<std::uint8_t, MD5_DIGEST_SIZE> digest{};
    md5_digest(&context, digest.size(), digest.data());

    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const auto byte : digest) {
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xfU];
    }
    return hex;
}

}  // namespace san
