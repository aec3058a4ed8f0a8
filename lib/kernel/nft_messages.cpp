// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/nft_messages.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <netlink/msg.h>

#include "kernel/nft_attributes.hpp"

namespace san::nft {

using netlink::Request;

namespace {

// The register that a rule loads what it compares into.
constexpr std::uint32_t reg = NFT_REG_1;

Request message(int type, int flags, Table_family family) {
    Request request{NFNL_SUBSYS_NFTABLES << 8 | type, flags};
    const auto number = family == Table_family::inet   ? NFPROTO_INET
                        : family == Table_family::ipv4 ? NFPROTO_IPV4
                                                       : NFPROTO_IPV6;
    request.header(nfgenmsg{
        .nfgen_family = static_cast<std::uint8_t>(number), .version = NFNETLINK_V0, .res_id = 0});
    return request;
}

/// What a rule compares: bytes, and how.
struct Comparison {
    std::string bytes;
    std::uint32_t operation = NFT_CMP_EQ;
};

std::string byte(unsigned value) { return {static_cast<char>(value)}; }

std::string big_endian(std::uint16_t value) {
    const auto bytes = htons(value);
    return {reinterpret_cast<const char*>(&bytes), sizeof bytes};
}

std::string text_of(const Ip& ip) { return {reinterpret_cast<const char*>(ip.data()), ip.size()}; }

bool is_ipv4(const Block& block) { return block.network.ip.family() == Family::ipv4; }

/// Writes the expressions of one rule.
class Expressions {
public:
    explicit Expressions(Request& request) : request_{request} {}

    void load_meta(std::uint32_t key) {
        add("meta",
            [&] { request_.big_endian(NFTA_META_KEY, key).big_endian(NFTA_META_DREG, reg); });
    }
    void load_payload(std::uint32_t base, unsigned offset, std::size_t length) {
        add("payload", [&] {
            request_.big_endian(NFTA_PAYLOAD_DREG, reg)
                .big_endian(NFTA_PAYLOAD_BASE, base)
                .big_endian(NFTA_PAYLOAD_OFFSET, offset)
                .big_endian(NFTA_PAYLOAD_LEN, static_cast<std::uint32_t>(length));
        });
    }
    void mask(const std::string& bits) {
        add("bitwise", [&] {
            request_.big_endian(NFTA_BITWISE_SREG, reg)
                .big_endian(NFTA_BITWISE_DREG, reg)
                .big_endian(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(bits.size()));
            value(NFTA_BITWISE_MASK, bits);
            value(NFTA_BITWISE_XOR, std::string(bits.size(), '\0'));
        });
    }
    void compare(const std::string& bytes, std::uint32_t operation = NFT_CMP_EQ) {
        add("cmp", [&] {
            request_.big_endian(NFTA_CMP_SREG, reg).big_endian(NFTA_CMP_OP, operation);
            value(NFTA_CMP_DATA, bytes);
        });
    }
    void drop() {
        add("immediate", [&] {
            request_.big_endian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT)
                .nested(NFTA_IMMEDIATE_DATA, [&] {
                    request_.nested(NFTA_DATA_VERDICT,
                                    [&] { request_.big_endian(NFTA_VERDICT_CODE, NF_DROP); });
                });
        });
    }
    void reject(std::uint32_t type, std::uint8_t code) {
        add("reject", [&] {
            request_.big_endian(NFTA_REJECT_TYPE, type)
                .attribute(NFTA_REJECT_ICMP_CODE, &code, sizeof code);
        });
    }

private:
    void add(const std::string& name, const std::function<void()>& content) {
        request_.nested(NFTA_LIST_ELEM, [&] {
            request_.attribute(NFTA_EXPR_NAME, name).nested(NFTA_EXPR_DATA, content);
        });
    }
    void value(int type, const std::string& bytes) {
        request_.nested(type,
                        [&] { request_.attribute(NFTA_DATA_VALUE, bytes.data(), bytes.size()); });
    }
    Request& request_;
};

/// Where the service's address is in an IP header (RFC 791, RFC 8200), and its port in the
/// transport's.
unsigned address_offset(const Block& block) {
    const bool destination = block.side == Block::Side::in;
    return is_ipv4(block) ? (destination ? 16 : 12) : (destination ? 24 : 8);
}
unsigned port_offset(const Block& block) { return block.side == Block::Side::in ? 2 : 0; }

std::string protocol(const Block& block) {
    return byte(block.transport == Transport::tcp ? IPPROTO_TCP : IPPROTO_UDP);
}

std::string mask_of(const Ip_network& network) {
    const std::string ones(network.ip.size(), '\xff');
    return text_of(Ip::from_bytes(network.ip.family(), ones.data()).masked(network.prefix));
}

std::vector<Comparison> port_comparisons(const Port_range& ports) {
    if (ports.first == ports.last) return {{big_endian(ports.first)}};
    return {{big_endian(ports.first), NFT_CMP_GTE}, {big_endian(ports.last), NFT_CMP_LTE}};
}

}  // namespace

Request generation() { return message(NFT_MSG_GETGEN, 0, Table_family::inet); }

Request table(Table_family family, const std::string& name) {
    auto request = message(NFT_MSG_GETTABLE, 0, family);
    request.attribute(NFTA_TABLE_NAME, name);
    return request;
}

Request chain(const Chain& chain) {
    auto request = message(NFT_MSG_GETCHAIN, 0, chain.family);
    request.attribute(NFTA_CHAIN_TABLE, chain.table).attribute(NFTA_CHAIN_NAME, chain.name);
    return request;
}

Request rules(const Chain& chain) {
    auto request = message(NFT_MSG_GETRULE, 0, chain.family);
    request.attribute(NFTA_RULE_TABLE, chain.table).attribute(NFTA_RULE_CHAIN, chain.name);
    return request;
}

Request add_table(const std::string& name) {
    auto request = message(NFT_MSG_NEWTABLE, NLM_F_CREATE, Table_family::inet);
    request.attribute(NFTA_TABLE_NAME, name);
    return request;
}

Request remove_table(const std::string& name) {
    auto request = message(NFT_MSG_DELTABLE, 0, Table_family::inet);
    request.attribute(NFTA_TABLE_NAME, name);
    return request;
}

Request add_chain(const std::string& table, const Block& block) {
    auto request = message(NFT_MSG_NEWCHAIN, NLM_F_CREATE, Table_family::inet);
    request.attribute(NFTA_CHAIN_TABLE, table)
        .attribute(NFTA_CHAIN_NAME, block.name)
        .nested(NFTA_CHAIN_HOOK,
                [&] {
                    request
                        .big_endian(NFTA_HOOK_HOOKNUM, block.side == Block::Side::in
                                                           ? NF_INET_LOCAL_IN
                                                           : NF_INET_LOCAL_OUT)
                        .big_endian(NFTA_HOOK_PRIORITY, 0);
                })
        .attribute(NFTA_CHAIN_TYPE, std::string{"filter"})
        .big_endian(NFTA_CHAIN_POLICY, NF_ACCEPT);
    return request;
}

Request remove_chain(const std::string& table, const std::string& name) {
    auto request = message(NFT_MSG_DELCHAIN, 0, Table_family::inet);
    request.attribute(NFTA_CHAIN_TABLE, table).attribute(NFTA_CHAIN_NAME, name);
    return request;
}

Request flush_chain(const std::string& table, const std::string& name) {
    auto request = message(NFT_MSG_DELRULE, 0, Table_family::inet);
    request.attribute(NFTA_RULE_TABLE, table).attribute(NFTA_RULE_CHAIN, name);
    return request;
}

Request add_rule(const std::string& table, const Block& block, const Port_range& ports) {
    auto request = message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, Table_family::inet);
    request.attribute(NFTA_RULE_TABLE, table).attribute(NFTA_RULE_CHAIN, block.name);
    request.nested(NFTA_RULE_EXPRESSIONS, [&] {
        Expressions rule{request};
        rule.load_meta(NFT_META_NFPROTO);
        rule.compare(byte(is_ipv4(block) ? NFPROTO_IPV4 : NFPROTO_IPV6));
        if (block.network.prefix > 0) {
            rule.load_payload(NFT_PAYLOAD_NETWORK_HEADER, address_offset(block),
                              block.network.ip.size());
            if (!block.network.is_one_address()) rule.mask(mask_of(block.network));
            rule.compare(text_of(block.network.ip));
        }
        rule.load_meta(NFT_META_L4PROTO);
        rule.compare(protocol(block));
        rule.load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, port_offset(block), sizeof(std::uint16_t));
        for (const auto& comparison : port_comparisons(ports))
            rule.compare(comparison.bytes, comparison.operation);
        if (block.answer == Block::Answer::none)
            rule.drop();
        else if (block.transport == Transport::tcp)
            rule.reject(NFT_REJECT_TCP_RST, 0);
        else
            rule.reject(NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH);
    });
    return request;
}

Request remove_rule(const Chain& chain, std::uint64_t handle) {
    auto request = message(NFT_MSG_DELRULE, 0, chain.family);
    request.attribute(NFTA_RULE_TABLE, chain.table).attribute(NFTA_RULE_CHAIN, chain.name);
    const auto bytes = htobe64(handle);
    request.attribute(NFTA_RULE_HANDLE, &bytes, sizeof bytes);
    return request;
}

std::uint32_t generation_of(const nlmsghdr& message) {
    return Attributes<NFTA_GEN_MAX>{message}.number(NFTA_GEN_ID);
}

std::uint32_t table_use(const nlmsghdr& message) {
    return Attributes<NFTA_TABLE_MAX>{message}.number(NFTA_TABLE_USE);
}

std::uint32_t chain_use(const nlmsghdr& message) {
    return Attributes<NFTA_CHAIN_MAX>{message}.number(NFTA_CHAIN_USE);
}

}  // namespace san::nft
