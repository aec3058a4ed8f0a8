// SPDX-License-Identifier: GPL-2.0-or-later
// Reading a message of netlink(7): its header, and attributes by number, none of them beyond its
// end. For the sources that decode one protocol.
#pragma once

#include <cstdint>
#include <cstring>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ip.hpp"

namespace san::netlink {

[[noreturn]] inline void refuse(const std::string& what) {
    throw Error{Kind::failed, what + " in a way that cannot be read"};
}

/// The protocol's own. `what`: "rtnetlink described a route". Errors: failed when it is cut off
template <class Header>
Header header_of(const nlmsghdr& message, const char* what) {
    Header header{};
    if (nlmsg_datalen(&message) < static_cast<int>(sizeof header)) refuse(what);
    std::memcpy(&header, nlmsg_data(&message), sizeof header);
    return header;
}

/// The number in an attribute. Errors: failed when it is shorter
template <class Number>
Number number_in(const nlattr& attribute, const char* what) {
    Number number{};
    if (nla_len(&attribute) < static_cast<int>(sizeof number)) refuse(what);
    std::memcpy(&number, nla_data(&attribute), sizeof number);
    return number;
}

/// Up to the first NUL, and never beyond the end.
inline std::string text_in(const nlattr& attribute) {
    const auto* text = static_cast<const char*>(nla_data(&attribute));
    return {text, ::strnlen(text, static_cast<std::size_t>(nla_len(&attribute)))};
}

template <int last>
class Attributes {
public:
    /// Those behind a header of that size. Errors: failed
    Attributes(const nlmsghdr& message, std::size_t header, const char* what) : what_{what} {
        if (nlmsg_parse(const_cast<nlmsghdr*>(&message), static_cast<int>(header), found_, last,
                        nullptr) != 0)
            refuse(what);
    }

    nlattr* find(int type) const { return found_[type]; }

    template <class Number>
    std::optional<Number> number(int type) const {
        if (!found_[type]) return {};
        return number_in<Number>(*found_[type], what_);
    }
    /// Empty when it is absent.
    std::string text(int type) const { return found_[type] ? text_in(*found_[type]) : ""; }
    std::vector<std::uint8_t> bytes(int type) const {
        if (!found_[type]) return {};
        const auto* data = static_cast<const std::uint8_t*>(nla_data(found_[type]));
        return {data, data + nla_len(found_[type])};
    }
    std::optional<Ip> ip(int type, Family family) const {
        if (!found_[type]) return {};
        if (nla_len(found_[type]) != (family == Family::ipv4 ? 4 : 16)) refuse(what_);
        return Ip::from_bytes(family, nla_data(found_[type]));
    }

private:
    const char* what_;
    nlattr* found_[last + 1] = {};
};

}  // namespace san::netlink
