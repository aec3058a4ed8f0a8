// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/nft_shell_rules.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_multiport.h>

#include "kernel/nft_attributes.hpp"

namespace san::nft {

namespace {

using Bytes = std::string_view;

/// Reads one rule, expression by expression. What it does not know makes it another one's rule.
class Reader {
public:
    explicit Reader(const Chain& chain)
        : chain_{chain}, family_{chain.family == Table_family::ipv6 ? Family::ipv6 : Family::ipv4} {
        ports_of_destination_ = chain.name == "INPUT";
    }

    void expression(const std::string& name, nlattr* data) {
        if (name == "meta") return meta(Attributes<NFTA_META_MAX>{data});
        if (name == "payload") return payload(Attributes<NFTA_PAYLOAD_MAX>{data});
        if (name == "bitwise") return bitwise(Attributes<NFTA_BITWISE_MAX>{data});
        if (name == "cmp") return compare(Attributes<NFTA_CMP_MAX>{data});
        if (name == "match") return match(Attributes<NFTA_MATCH_MAX>{data});
        if (name == "immediate") return verdict(Attributes<NFTA_IMMEDIATE_MAX>{data});
        if (name == "target") return target(Attributes<NFTA_TARGET_MAX>{data});
        if (name == "reject") return stop(true);
        // How often it was met, and the state of the connection.
        if (name == "counter" || name == "ct" || name == "lookup") return;
        foreign_ = true;
    }

    std::optional<Shell_rule> result() const {
        if (foreign_ || !stops_ || ports_.empty()) return {};
        if (protocol_ != IPPROTO_TCP && protocol_ != IPPROTO_UDP) return {};
        Shell_rule rule;
        rule.transport = protocol_ == IPPROTO_TCP ? Transport::tcp : Transport::udp;
        rule.ports = merged(ports_);
        std::array<std::uint8_t, 16> bytes{};
        std::copy(address_.begin(), address_.end(), bytes.begin());
        rule.network = {Ip::from_bytes(family_, bytes.data()), prefix_};
        return rule;
    }

private:
    void stop(bool stops) {
        stops_ = stops;
        foreign_ = foreign_ || !stops;
    }
    void verdict(const Attributes<NFTA_IMMEDIATE_MAX>& what) {
        auto* data = what.find(NFTA_IMMEDIATE_DATA);
        auto* verdict = data ? Attributes<NFTA_DATA_MAX>{data}.find(NFTA_DATA_VERDICT) : nullptr;
        // 0 is NF_DROP, and must be there to be one.
        stop(verdict && Attributes<NFTA_VERDICT_MAX>{verdict}.find(NFTA_VERDICT_CODE) &&
             Attributes<NFTA_VERDICT_MAX>{verdict}.number(NFTA_VERDICT_CODE) == NF_DROP);
    }
    void target(const Attributes<NFTA_TARGET_MAX>& what) {
        const auto name = what.text(NFTA_TARGET_NAME);
        stop(name == "REJECT" || name == "DROP");
    }

    enum class Loaded { nothing, family, protocol, address, port };

    unsigned address_offset() const {
        if (family_ == Family::ipv4) return ports_of_destination_ ? 16 : 12;
        return ports_of_destination_ ? 24 : 8;
    }

    void meta(const Attributes<NFTA_META_MAX>& what) {
        switch (what.number(NFTA_META_KEY)) {
            case NFT_META_NFPROTO:
                loaded_ = Loaded::family;
                break;
            case NFT_META_L4PROTO:
                loaded_ = Loaded::protocol;
                break;
            default:
                foreign_ = true;
        }
    }

    void payload(const Attributes<NFTA_PAYLOAD_MAX>& what) {
        const auto base = what.number(NFTA_PAYLOAD_BASE);
        const auto offset = what.number(NFTA_PAYLOAD_OFFSET);
        const auto length = what.number(NFTA_PAYLOAD_LEN);
        // RFC 791 and 8200: protocol and next header.
        const unsigned protocol_offset = family_ == Family::ipv4 ? 9 : 6;
        if (base == NFT_PAYLOAD_NETWORK_HEADER && offset == address_offset()) {
            loaded_ = Loaded::address;
            // A prefix of whole bytes is loaded as these alone.
            prefix_ = length * 8;
        } else if (base == NFT_PAYLOAD_NETWORK_HEADER && offset == protocol_offset && length == 1) {
            loaded_ = Loaded::protocol;
        } else if (base == NFT_PAYLOAD_TRANSPORT_HEADER && length == 2 &&
                   offset == (ports_of_destination_ ? 2U : 0U)) {
            loaded_ = Loaded::port;
        } else {
            foreign_ = true;
        }
    }

    void bitwise(const Attributes<NFTA_BITWISE_MAX>& what) {
        auto* mask = what.find(NFTA_BITWISE_MASK);
        if (loaded_ == Loaded::nothing) return;  // of the connection's state
        if (loaded_ != Loaded::address || !mask) {
            foreign_ = true;
            return;
        }
        prefix_ = 0;
        const auto bits = Attributes<NFTA_DATA_MAX>{mask}.bytes(NFTA_DATA_VALUE);
        for (const char byte : bits)
            prefix_ += static_cast<unsigned>(std::popcount(static_cast<unsigned char>(byte)));
    }

    void compare(const Attributes<NFTA_CMP_MAX>& what) {
        auto* data = what.find(NFTA_CMP_DATA);
        const auto bytes = data ? Attributes<NFTA_DATA_MAX>{data}.bytes(NFTA_DATA_VALUE) : Bytes{};
        if (what.number(NFTA_CMP_OP) != NFT_CMP_EQ || bytes.empty()) {
            // The state of the connection is compared otherwise.
            foreign_ = foreign_ || loaded_ != Loaded::nothing;
            return;
        }
        const auto first = static_cast<std::uint8_t>(bytes[0]);
        switch (loaded_) {
            case Loaded::family:
                family_ = first == NFPROTO_IPV6 ? Family::ipv6 : Family::ipv4;
                break;
            case Loaded::protocol:
                protocol_ = first;
                break;
            case Loaded::address:
                address_ = bytes.substr(0, 16);
                break;
            case Loaded::port:
                if (bytes.size() == 2) ports_.push_back(port(bytes));
                break;
            case Loaded::nothing:
                break;
        }
        loaded_ = Loaded::nothing;
    }

    static Port_range port(Bytes bytes) {
        std::uint16_t number = 0;
        std::memcpy(&number, bytes.data(), sizeof number);
        return {ntohs(number), ntohs(number)};
    }

    void match(const Attributes<NFTA_MATCH_MAX>& what) {
        const auto name = what.text(NFTA_MATCH_NAME);
        if (name == "conntrack") return;
        const auto bytes = what.bytes(NFTA_MATCH_INFO);
        xt_multiport_v1 list{};
        if (name != "multiport" || what.number(NFTA_MATCH_REV) != 1 || bytes.size() < sizeof list) {
            foreign_ = true;
            return;
        }
        std::memcpy(&list, bytes.data(), sizeof list);
        const auto side = ports_of_destination_ ? XT_MULTIPORT_DESTINATION : XT_MULTIPORT_SOURCE;
        if (list.invert != 0 || list.flags != side || list.count > XT_MULTI_PORTS) {
            foreign_ = true;
            return;
        }
        // A port with its flag set begins a range, which the next one ends.
        for (unsigned at = 0; at < list.count; ++at) {
            Port_range range{list.ports[at], list.ports[at]};
            if (list.pflags[at] != 0 && at + 1 < list.count) range.last = list.ports[++at];
            ports_.push_back(range);
        }
    }

    Chain chain_;
    Family family_;
    bool ports_of_destination_ = true;
    Loaded loaded_ = Loaded::nothing;
    bool foreign_ = false;
    bool stops_ = false;
    unsigned protocol_ = 0;
    std::vector<Port_range> ports_;
    std::string address_;
    unsigned prefix_ = 0;
};

}  // namespace

std::optional<Shell_rule> find_shell_rule(const nlmsghdr& message, const Chain& chain) {
    const Attributes<NFTA_RULE_MAX> attributes{message};
    auto* expressions = attributes.find(NFTA_RULE_EXPRESSIONS);
    if (!expressions) return {};
    Reader reader{chain};
    nlattr* one = nullptr;
    int rest = 0;
    nla_for_each_nested(one, expressions, rest) {
        const Attributes<NFTA_EXPR_MAX> expression{one};
        const auto name = expression.text(NFTA_EXPR_NAME);
        auto* data = expression.find(NFTA_EXPR_DATA);
        // Only a counter and its like have none.
        if (data) reader.expression(name, data);
    }
    auto rule = reader.result();
    if (rule) rule->handle = attributes.long_number(NFTA_RULE_HANDLE);
    return rule;
}

}  // namespace san::nft
