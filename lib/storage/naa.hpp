// SPDX-License-Identifier: GPL-2.0-or-later
// The name that LIO makes of a unit's serial number, and by which multipath, VMware and Windows
// know one disk from another.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace san {

class Naa {
public:
    /// OpenFabrics, which LIO has for its company.
    static constexpr std::uint32_t usual_company = 0x001405;

    /// Type 6, the company's 24 bits, and the first 25 hex digits of the serial number, with zeros
    /// for those that it lacks. What is no hex digit is passed over: different serial numbers can
    /// have one name.
    ///
    /// Source  spc_gen_naa_6h_vendor_specific, target_core_spc.c, 6.1
    static Naa of(std::string_view serial, std::uint32_t company = usual_company);

    /// 32 hex digits, as behind "naa." of an iSCSI name; udev and multipath put a 3 before them.
    const std::string& to_text() const { return digits_; }
    friend auto operator<=>(const Naa&, const Naa&) = default;

private:
    explicit Naa(std::string digits) : digits_{std::move(digits)} {}
    std::string digits_;
};

}  // namespace san
