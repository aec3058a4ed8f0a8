// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_attribute.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// Two wishes for one attribute would undo each other at every start.
constexpr std::array<std::string_view, 7> decided_elsewhere{
    "block_size",  "emulate_3pc",         "emulate_caw",   "emulate_model_alias",
    "emulate_tpu", "emulate_write_cache", "force_pr_aptpl"};

}  // namespace

Device_attribute Device_attribute::parse(std::string_view text) {
    const auto sign = text.find('=');
    const auto name = text.substr(0, sign);
    const auto value = sign == std::string_view::npos ? "" : text.substr(sign + 1);
    const auto is_of_a_name = [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-';
    };
    if (name.empty() || value.empty() || !std::all_of(name.begin(), name.end(), is_of_a_name))
        throw Error{Kind::misconfigured, "expected words such as emulate_tpws=1"};
    if (std::find(decided_elsewhere.begin(), decided_elsewhere.end(), name) !=
        decided_elsewhere.end())
        throw Error{Kind::misconfigured,
                    "expected other attributes: " + std::string{name} +
                        (name == "emulate_model_alias"   ? " follows from product_id"
                         : name == "emulate_write_cache" ? " follows from write_cache"
                                                         : " is a parameter of its own")};
    const auto number = text::number<std::uint32_t>(value);
    return {.name = std::string{name},
            .value = number ? std::to_string(*number) : std::string{value}};
}

}  // namespace san
