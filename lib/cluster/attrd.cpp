// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/attrd.hpp"

#include <crm/common/ipc.h>
#include <crm/common/results.h>
#include <cstdint>

// Exported, with this signature from 2.1.5 on; only 2.1.5 and 2.1.6 installed its header.
extern "C" int pcmk__attrd_api_update(pcmk_ipc_api_t* api, const char* node, const char* name,
                                      const char* value, const char* dampen, const char* set,
                                      const char* user_name, std::uint32_t options);

extern "C" const char* san_cluster_set_attribute(const char* node, const char* name,
                                                 const char* value, const char* dampening) {
    constexpr std::uint32_t set_value = 1U << 3;  // pcmk__node_attr_value
    constexpr std::uint32_t set_delay = 1U << 4;  // pcmk__node_attr_delay
    const int code =
        pcmk__attrd_api_update(nullptr, node, name, value, dampening, nullptr, nullptr,
                               dampening != nullptr ? set_value | set_delay : set_value);
    return code == pcmk_rc_ok ? nullptr : pcmk_rc_str(code);
}
