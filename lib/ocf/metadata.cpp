// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/metadata.hpp"

#include "base/error.hpp"
#include "base/late_library.hpp"
#include "ocf/metadata_xml.hpp"

namespace san::ocf {

std::string metadata(const Agent& agent) {
    Late_library library{"libsan-metadata.so.0"};
    const auto door = library.find<decltype(san_metadata_write)>("san_metadata_write");
    if (!door) throw Error{Kind::not_installed, "loading libsan-metadata: " + library.problem()};
    std::string text;
    door(agent, text);
    return text;
}

}  // namespace san::ocf
