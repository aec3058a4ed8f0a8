// SPDX-License-Identifier: GPL-2.0-or-later
// Reading nftables' answers: attributes by number. For the sources that speak nftables alone.
#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <cstring>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace san::nft {

template <int last>
class Attributes {
public:
    /// Errors  failed when the kernel speaks otherwise than linux/netfilter/nf_tables.h says
    explicit Attributes(const nlmsghdr& message) {
        check(
            nlmsg_parse(const_cast<nlmsghdr*>(&message), sizeof(nfgenmsg), found_, last, nullptr));
    }
    explicit Attributes(nlattr* nest) { check(nla_parse_nested(found_, last, nest, nullptr)); }

    nlattr* find(int type) const { return found_[type]; }
    /// 0 when it is absent.
    std::uint32_t number(int type) const {
        return found_[type] && nla_len(found_[type]) >= 4 ? ntohl(nla_get_u32(found_[type])) : 0;
    }
    std::uint64_t long_number(int type) const {
        return found_[type] && nla_len(found_[type]) >= 8 ? be64toh(nla_get_u64(found_[type])) : 0;
    }
    /// Without the NUL; empty when absent.
    std::string text(int type) const {
        return found_[type] ? std::string{bytes(type).data(),
                                          ::strnlen(bytes(type).data(), bytes(type).size())}
                            : std::string{};
    }
    std::string_view bytes(int type) const {
        if (!found_[type]) return {};
        return {static_cast<const char*>(nla_data(found_[type])),
                static_cast<std::size_t>(nla_len(found_[type]))};
    }

private:
    static void check(int problem) {
        if (problem != 0)
            throw Error{Kind::failed, "nftables answered in a way that cannot be read"};
    }
    nlattr* found_[last + 1] = {};
};

}  // namespace san::nft
