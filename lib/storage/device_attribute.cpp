// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_attribute.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/error.hpp"
#include "base/text.hpp"

namespace san {

namespace {

constexpr auto name_characters = "abcdefghijklmnopqrstuvwxyz0123456789_";

// Two wishes for one attribute would undo each other at every start.
constexpr std::array<std::string_view, 6> decided_elsewhere{"block_size",  "emulate_3pc",
                                                            "emulate_caw", "emulate_model_alias",
                                                            "emulate_tpu", "emulate_write_cache"};

}  // namespace

Device_attribute Device_attribute::parse(std::string_view text) {
    const auto sign = text.find('=');
    const auto name = text.substr(0, sign);
    const auto number = sign == std::string_view::npos
                            ? std::nullopt
                            : text::number<std::uint32_t>(text.substr(sign + 1));
    if (name.empty() || name.find_first_not_of(name_characters) != std::string_view::npos ||
        !number)
        throw Error{Kind::misconfigured, "expected words such as emulate_tpws=1"};
    if (std::find(decided_elsewhere.begin(), decided_elsewhere.end(), name) !=
        decided_elsewhere.end())
        throw Error{Kind::misconfigured,
                    "expected other attributes: " + std::string{name} +
                        (name == "emulate_model_alias"   ? " follows from product_id"
                         : name == "emulate_write_cache" ? " follows from write_cache"
                                                         : " is a parameter of its own")};
    return {.name = std::string{name}, .value = std::to_string(*number)};
}

}  // namespace san
