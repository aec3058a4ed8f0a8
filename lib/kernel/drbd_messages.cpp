// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_messages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "base/error.hpp"
#include "base/owned.hpp"

namespace san::drbd {

namespace {

/// Before the attributes of every message; struct drbd_genlmsghdr.
struct User_header {
    std::uint32_t minor;
    std::int32_t ret_code;  ///< of a request: flags
};
constexpr int header_size = sizeof(User_header);
constexpr std::uint32_t no_minor = 0xffffffff;

enum Command : std::uint8_t {
    primary = 14,
    secondary = 15,
    down = 27,
    resource_state = 34,
    device_state = 35,
    connection_state = 36,
    peer_device_state = 37,
    get_initial_state = 38,
};

// Top-level attributes.
enum Top : int {
    cfg_reply = 1,
    cfg_context = 2,
    set_role_parms = 6,
    resource_info = 15,
    device_info = 16,
    connection_info = 17,
    peer_device_info = 18,
};

// Inside each of them.
namespace context {
constexpr int volume = 1, resource_name = 2, conn_name = 5, peer_node_id = 6;
}

using Message = Owned<nl_msg, nlmsg_free>;

/// What stands between the netlink header and the attributes. libnl has functions for it, in a
/// library of its own that every agent would load for this line.
constexpr int headers(int own_header) {
    return static_cast<int>(GENL_HDRLEN + NLMSG_ALIGN(own_header));
}

Message begun(std::uint16_t type, int own_header, int flags, std::uint8_t command,
              std::uint8_t version) {
    Message message{::nlmsg_alloc()};
    // The socket knows better which port and sequence number to use; here they are constant.
    auto* header =
        message ? ::nlmsg_put(message.get(), 0, 1, type, headers(own_header), NLM_F_REQUEST | flags)
                : nullptr;
    if (header == nullptr) throw Error{Kind::failed, "no memory for a netlink message"};
    const genlmsghdr general{.cmd = command, .version = version, .reserved = 0};
    std::memcpy(::nlmsg_data(header), &general, sizeof general);
    return message;
}

Datagram bytes(const Message& message) {
    const auto* header = ::nlmsg_hdr(message.get());
    const auto* first = reinterpret_cast<const std::uint8_t*>(header);
    return {first, first + header->nlmsg_len};
}

void nest(const Message& message, int type, const std::function<void()>& fill) {
    // Newer kernels insist on the flag; libnl before 3.5 does not set it by itself.
    auto* start = ::nla_nest_start(message.get(), type | NLA_F_NESTED);
    fill();
    // Not nla_nest_end, which drops a nest without attributes: DRBD wants it all the same.
    ::nla_nest_end_keep_empty(message.get(), start);
}

Message request(const Family& family, Command command, int flags, std::uint32_t minor) {
    auto message = begun(family.id, header_size, flags, command, family.version);
    const User_header header{.minor = minor, .ret_code = 0};
    auto* general = static_cast<genlmsghdr*>(::nlmsg_data(::nlmsg_hdr(message.get())));
    std::memcpy(general + 1, &header, sizeof header);
    return message;
}

void put_resource(const Message& message, const std::string& resource) {
    nest(message, cfg_context,
         [&] { nla_put_string(message.get(), context::resource_name, resource.c_str()); });
}

void put_no_force(const Message& message) {
    constexpr int force = 1;
    nest(message, set_role_parms, [&] { ::nla_put_u8(message.get(), force, 0); });
}

std::vector<Datagram> role_requests(const Family& family, const Resource& resource,
                                    Command command) {
    if (family.dialect() == Dialect::v9) {
        auto message = request(family, command, NLM_F_ACK, no_minor);
        put_resource(message, resource.name);
        put_no_force(message);
        return {bytes(message)};
    }
    std::vector<Datagram> requests;
    for (const auto& volume : resource.volumes) {
        auto message = request(family, command, NLM_F_ACK, volume.minor);
        nest(message, cfg_context, [] {});
        // Strict kernels take no parameters for a demotion.
        if (command == primary) put_no_force(message);
        requests.push_back(bytes(message));
    }
    return requests;
}

/// Attributes in a range, by type without the flag bits. A padding one (type 0) is harmless.
class Attributes {
public:
    Attributes(const nlattr* first, int length) : first_{first}, left_{length} {}

    const nlattr* find(int type) const { return ::nla_find(first_, left_, type); }
    Attributes inside(int type) const {
        const auto* nest = find(type);
        return nest == nullptr ? Attributes{nullptr, 0} : Attributes{of(nest)};
    }
    bool has(int type) const { return find(type) != nullptr; }
    std::uint32_t u32(int type, std::uint32_t otherwise = 0) const {
        const auto* attribute = find(type);
        return attribute != nullptr && ::nla_len(attribute) >= 4 ? ::nla_get_u32(attribute)
                                                                 : otherwise;
    }
    bool flag(int type, bool otherwise = false) const {
        const auto* attribute = find(type);
        return attribute != nullptr && ::nla_len(attribute) >= 1 ? ::nla_get_u8(attribute) != 0
                                                                 : otherwise;
    }
    std::string string(int type) const {
        const auto* attribute = find(type);
        if (attribute == nullptr) return {};
        const auto* text = static_cast<const char*>(::nla_data(attribute));
        return {text, ::strnlen(text, static_cast<std::size_t>(::nla_len(attribute)))};
    }
    /// Every attribute of a type; a reply has one per line of text.
    void each(int type, const std::function<void(const Attributes&)>& visit) const {
        const nlattr* at = first_;
        for (int left = left_; ::nla_ok(at, left); at = ::nla_next(at, &left))
            if (::nla_type(at) == type) visit(of(at));
    }

private:
    static Attributes of(const nlattr* nest) {
        return {static_cast<const nlattr*>(::nla_data(nest)), ::nla_len(nest)};
    }
    const nlattr* first_;
    int left_;
};

/// One message of the family.
struct Received {
    Command command;
    User_header header;
    Attributes attributes;
};

bool is_of(const nlmsghdr* message, const Family& family) {
    return message->nlmsg_type == family.id && ::nlmsg_valid_hdr(message, headers(header_size));
}

Received received(const nlmsghdr* message) {
    const auto* general = static_cast<const genlmsghdr*>(::nlmsg_data(message));
    User_header header{};
    std::memcpy(&header, general + 1, sizeof header);
    return {.command = static_cast<Command>(general->cmd),
            .header = header,
            .attributes = {::nlmsg_attrdata(message, headers(header_size)),
                           ::nlmsg_attrlen(message, headers(header_size))}};
}

void each_message(const Datagram& datagram, const std::function<void(const nlmsghdr*)>& visit) {
    auto* message = reinterpret_cast<nlmsghdr*>(const_cast<std::uint8_t*>(datagram.data()));
    for (int left = static_cast<int>(datagram.size()); ::nlmsg_ok(message, left);
         message = ::nlmsg_next(message, &left))
        visit(message);
}

/// The errno of NLMSG_ERROR, or of a NLMSG_DONE that carries one; 0 is an acknowledgement.
int errno_in(const nlmsghdr* message) {
    if (::nlmsg_datalen(message) < static_cast<int>(sizeof(int))) return 0;
    int negative = 0;
    std::memcpy(&negative, ::nlmsg_data(message), sizeof negative);
    return -negative;
}

Resource& resource_of(std::vector<Resource>& resources, const std::string& name) {
    const auto found =
        std::find_if(resources.begin(), resources.end(),
                     [&](const Resource& resource) { return resource.name == name; });
    return found != resources.end() ? *found : resources.emplace_back(Resource{.name = name});
}

Peer& peer_of(Resource& resource, const Attributes& context) {
    // 8.4 has one peer and no number for it.
    const auto id = static_cast<int>(context.u32(context::peer_node_id));
    const auto found = std::find_if(resource.peers.begin(), resource.peers.end(),
                                    [&](const Peer& peer) { return peer.node_id == id; });
    return found != resource.peers.end() ? *found
                                         : resource.peers.emplace_back(Peer{.node_id = id});
}

void read_resource(Resource& resource, const Attributes& info) {
    constexpr int role = 1, susp = 2, susp_nod = 3, susp_fen = 4, susp_quorum = 5, fail_io = 6;
    resource.role = role_of(info.u32(role));
    for (const int reason : {susp, susp_nod, susp_fen, susp_quorum})
        resource.suspended |= info.flag(reason);
    resource.failing_io = info.flag(fail_io);
}

Volume volume_in(const Received& message, const Attributes& context, Dialect dialect) {
    constexpr int disk_state = 1, intentional_diskless = 2, has_quorum = 3;
    const auto info = message.attributes.inside(device_info);
    return {.number = context.u32(context::volume),
            .minor = message.header.minor,
            .disk = disk_of(dialect, info.u32(disk_state)),
            .client = info.flag(intentional_diskless),
            .has_quorum = info.flag(has_quorum, true)};
}

void read_peer(Peer& peer, const Attributes& context, const Attributes& info) {
    constexpr int state = 1, role = 2;
    peer.name = context.string(context::conn_name);
    peer.connection = connection_of(info.u32(state));
    peer.role = role_of(info.u32(role));
}

Peer_volume peer_volume_in(const Attributes& context, const Attributes& info, Dialect dialect) {
    constexpr int replication = 1, disk_state = 2, intentional_diskless = 6;
    return {.volume = context.u32(context::volume),
            .disk = disk_of(dialect, info.u32(disk_state)),
            .client = info.flag(intentional_diskless),
            .replication = replication_of(info.u32(replication))};
}

void read(std::vector<Resource>& resources, const Received& message, Dialect dialect) {
    const auto context = message.attributes.inside(cfg_context);
    // The end of a snapshot is a message about nothing.
    if (!context.has(context::resource_name)) return;
    auto& resource = resource_of(resources, context.string(context::resource_name));
    switch (message.command) {
        case resource_state:
            read_resource(resource, message.attributes.inside(resource_info));
            break;
        case device_state:
            resource.volumes.push_back(volume_in(message, context, dialect));
            break;
        case connection_state:
            read_peer(peer_of(resource, context), context,
                      message.attributes.inside(connection_info));
            break;
        case peer_device_state:
            peer_of(resource, context)
                .volumes.push_back(
                    peer_volume_in(context, message.attributes.inside(peer_device_info), dialect));
            break;
        default:
            break;
    }
}

/// The multicast group of that name in CTRL_ATTR_MCAST_GROUPS, a list of nests; 0 for none.
unsigned group_in(const nlattr* groups, const std::string& name) {
    if (groups == nullptr) return 0;
    const auto* at = static_cast<const nlattr*>(::nla_data(groups));
    for (int left = ::nla_len(groups); ::nla_ok(at, left); at = ::nla_next(at, &left)) {
        const Attributes group{static_cast<const nlattr*>(::nla_data(at)), ::nla_len(at)};
        if (group.string(CTRL_ATTR_MCAST_GRP_NAME) == name)
            return group.u32(CTRL_ATTR_MCAST_GRP_ID);
    }
    return 0;
}

}  // namespace

Datagram family_request() {
    constexpr std::uint8_t controller_version = 2;
    auto message = begun(GENL_ID_CTRL, 0, NLM_F_ACK, CTRL_CMD_GETFAMILY, controller_version);
    nla_put_string(message.get(), CTRL_ATTR_FAMILY_NAME, "drbd");
    return bytes(message);
}

std::optional<Family> family_in(const Datagram& reply) {
    std::optional<Family> family;
    each_message(reply, [&](const nlmsghdr* message) {
        if (message->nlmsg_type == NLMSG_ERROR) {
            const auto errnum = errno_in(message);
            if (errnum != 0 && errnum != ENOENT)
                throw system_error("asking for DRBD's netlink family", errnum);
        }
        if (message->nlmsg_type != GENL_ID_CTRL) return;
        const Attributes attributes{::nlmsg_attrdata(message, headers(0)),
                                    ::nlmsg_attrlen(message, headers(0))};
        const auto version = attributes.u32(CTRL_ATTR_VERSION);
        if (attributes.u32(CTRL_ATTR_HDRSIZE) != header_size || version < 1 || version > 2)
            throw Error{Kind::not_installed, "DRBD's module speaks version " +
                                                 std::to_string(version) +
                                                 " of its protocol: expected 8.4 or 9"};
        const auto* id = attributes.find(CTRL_ATTR_FAMILY_ID);
        if (id == nullptr) return;
        family =
            Family{.id = ::nla_get_u16(id),
                   .version = static_cast<std::uint8_t>(version),
                   .events_group = group_in(attributes.find(CTRL_ATTR_MCAST_GROUPS), "events")};
    });
    return family;
}

Datagram snapshot_request(const Family& family) {
    return bytes(request(family, get_initial_state, NLM_F_DUMP, no_minor));
}

void Snapshot::take(const Datagram& datagram) {
    each_message(datagram, [&](const nlmsghdr* message) {
        if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted_ = true;
        if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
            if (const auto errnum = errno_in(message); errnum != 0)
                throw system_error("asking DRBD for its state", errnum);
            complete_ = true;
        } else if (is_of(message, family_)) {
            read(resources_, received(message), family_.dialect());
        }
    });
}

std::vector<Datagram> promote_requests(const Family& family, const Resource& resource) {
    return role_requests(family, resource, primary);
}

std::vector<Datagram> demote_requests(const Family& family, const Resource& resource) {
    return role_requests(family, resource, secondary);
}

Datagram down_request(const Family& family, const std::string& resource) {
    auto message = request(family, down, NLM_F_ACK, no_minor);
    put_resource(message, resource);
    return bytes(message);
}

void Reply::take(const Datagram& datagram) {
    each_message(datagram, [&](const nlmsghdr* message) {
        if (message->nlmsg_type == NLMSG_ERROR) {
            if (const auto errnum = errno_in(message); errnum != 0)
                throw system_error("DRBD's module refuses the request", errnum);
            complete_ = true;
        } else if (is_of(message, family_)) {
            const auto reply = received(message);
            answer_.code = reply.header.ret_code;
            reply.attributes.each(cfg_reply, [&](const Attributes& line) {
                constexpr int info_text = 1;
                if (!answer_.text.empty()) answer_.text += '\n';
                answer_.text += line.string(info_text);
            });
        }
    });
}

Answer Reply::answer() const {
    auto answer = answer_;
    if (answer.text.empty() && !answer.ok()) answer.text = meaning_of(answer.code);
    return answer;
}

}  // namespace san::drbd
