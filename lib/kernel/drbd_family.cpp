// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_family.hpp"

#include <algorithm>
#include <cerrno>
#include <linux/genetlink.h>

#include "base/error.hpp"
#include "kernel/drbd_numbers.hpp"

namespace san::drbd {

namespace {

/// The controller's attributes, behind the header of generic netlink.
Attributes attributes_of(const Message& message) {
    const auto& content = message.content;
    return Attributes{content.subspan(std::min<std::size_t>(GENL_HDRLEN, content.size()))};
}

/// The multicast group of that name in CTRL_ATTR_MCAST_GROUPS, a list of nests; 0 for none.
unsigned group_in(const Attributes& groups, const std::string& name) {
    unsigned number = 0;
    groups.each([&](int, Bytes bytes) {
        const Attributes group{bytes};
        if (group.string(CTRL_ATTR_MCAST_GRP_NAME) == name)
            number = group.u32(CTRL_ATTR_MCAST_GRP_ID).value_or(0);
    });
    return number;
}

Family family_of(const Attributes& attributes) {
    const auto name = attributes.string(CTRL_ATTR_FAMILY_NAME);
    const auto version = attributes.u32(CTRL_ATTR_VERSION).value_or(0);
    if (name != "drbd")
        throw Error{Kind::not_installed, "DRBD's module speaks only the protocol \"" + name +
                                             "\", which is not supported yet"};
    if (attributes.u32(CTRL_ATTR_HDRSIZE).value_or(0) != sizeof(User_header) || version < 1 ||
        version > 2)
        throw Error{Kind::not_installed, "DRBD's module speaks version " + std::to_string(version) +
                                             " of its protocol: expected 8.4 or 9"};
    const auto id = attributes.u16(CTRL_ATTR_FAMILY_ID).value_or(0);
    if (id < NLMSG_MIN_TYPE)
        throw Error{Kind::failed, "the kernel gives DRBD's netlink family no number"};
    return {.id = id,
            .version = static_cast<std::uint8_t>(version),
            .events_group = group_in(attributes.inside(CTRL_ATTR_MCAST_GROUPS), "events"),
            // One policy for all operations is the older form; where each has its own, the family
            // has none (net/netlink/genetlink.c, split ops). To take one for the other does no
            // harm: the old form accepts all that is sent to the strict one.
            .strict = version == 1 && attributes.u32(CTRL_ATTR_MAXATTR).value_or(1) == 0};
}

}  // namespace

Datagram family_request(const char* name) {
    constexpr std::uint8_t controller_version = 2;
    Writer writer{GENL_ID_CTRL, NLM_F_ACK};
    writer.header(
        genlmsghdr{.cmd = CTRL_CMD_GETFAMILY, .version = controller_version, .reserved = 0});
    writer.string(CTRL_ATTR_FAMILY_NAME, name);
    return writer.bytes();
}

std::optional<Family> family_in(const Datagram& reply) {
    std::optional<Family> family;
    each_message(reply, [&](const Message& message) {
        if (message.header.nlmsg_type == NLMSG_ERROR) {
            const auto errnum = message.errnum();
            if (errnum != 0 && errnum != ENOENT)
                throw system_error("asking for DRBD's netlink family", errnum);
        }
        if (message.header.nlmsg_type == GENL_ID_CTRL && !message.content.empty() &&
            message.content[0] == CTRL_CMD_NEWFAMILY)
            family = family_of(attributes_of(message));
    });
    return family;
}

bool says_unloaded(const Message& message) {
    return message.header.nlmsg_type == GENL_ID_CTRL && !message.content.empty() &&
           message.content[0] == CTRL_CMD_DELFAMILY &&
           attributes_of(message).string(CTRL_ATTR_FAMILY_NAME) == "drbd";
}

}  // namespace san::drbd
