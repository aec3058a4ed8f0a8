// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_wire.hpp"

#include <algorithm>
#include <cstring>
#include <linux/genetlink.h>

namespace san::drbd {

std::optional<Notice> Notice::in(const Message& message, const Family& family) {
    genlmsghdr general{};
    Notice notice;
    constexpr auto headers = GENL_HDRLEN + sizeof notice.header;
    if (message.header.nlmsg_type != family.id || message.content.size() < headers) return {};
    std::memcpy(&general, message.content.data(), sizeof general);
    std::memcpy(&notice.header, message.content.data() + GENL_HDRLEN, sizeof notice.header);
    notice.command = static_cast<Command>(general.cmd);
    notice.attributes = Attributes{message.content.subspan(headers)};
    notice.context = notice.attributes.inside(cfg_context);
    return notice;
}

const Wire& wire_of(Dialect dialect) {
    switch (dialect) {
        case Dialect::v84:
            return wire_v84();
        case Dialect::strict_v84:
            return wire_strict_v84();
        case Dialect::v9:
            break;
    }
    return wire_v9();
}

Writer request_of(const Family& family, Command command, unsigned flags, std::uint32_t minor) {
    Writer writer{family.id, flags};
    writer.header(genlmsghdr{.cmd = command, .version = family.version, .reserved = 0});
    writer.header(User_header{.minor = minor, .ret_code = 0});
    return writer;
}

void put_resource(Writer& writer, const std::string& name) {
    writer.nest(cfg_context, [&](Writer& nest) { nest.string(context::resource_name, name); });
}

void weaken(std::optional<Fencing>& known, std::uint32_t number) {
    const auto fencing = number == 2   ? Fencing::resource_and_stonith
                         : number == 1 ? Fencing::resource_only
                                       : Fencing::dont_care;
    known = std::min(known.value_or(fencing), fencing);
}

}  // namespace san::drbd
