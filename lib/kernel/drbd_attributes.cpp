// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/drbd_attributes.hpp"

#include <algorithm>
#include <cstring>

namespace san::drbd {

namespace {

// Of messages and attributes alike, also within a nest.
constexpr std::size_t aligned(std::size_t size) { return (size + 3) / 4 * 4; }

// NLA_F_NESTED, and the bit that DRBD once marked mandatory attributes with.
constexpr int type_mask = 0x3fff;

template <class Number>
std::optional<Number> number_in(const std::optional<Bytes>& content) {
    Number number{};
    if (!content || content->size() < sizeof number) return {};
    std::memcpy(&number, content->data(), sizeof number);
    return number;
}

/// Takes what an element of that size leaves, with its padding, off the front.
Bytes behind(Bytes bytes, std::size_t size) {
    return bytes.subspan(std::min(aligned(size), bytes.size()));
}

}  // namespace

/// Until `visit` returns false.
template <class Visit>
void Attributes::walk(const Visit& visit) const {
    for (auto rest = bytes_; rest.size() >= sizeof(nlattr);) {
        nlattr head{};
        std::memcpy(&head, rest.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > rest.size()) return;
        if (!visit(head.nla_type & type_mask,
                   rest.subspan(sizeof head, head.nla_len - sizeof head)))
            return;
        rest = behind(rest, head.nla_len);
    }
}

void Attributes::each(const std::function<void(int, Bytes)>& visit) const {
    walk([&](int type, Bytes content) {
        visit(type, content);
        return true;
    });
}

std::optional<Bytes> Attributes::find(int type) const {
    std::optional<Bytes> found;
    walk([&](int at, Bytes content) {
        if (at == type) found = content;
        return !found;
    });
    return found;
}

std::optional<std::uint16_t> Attributes::u16(int type) const {
    return number_in<std::uint16_t>(find(type));
}

std::optional<std::uint32_t> Attributes::u32(int type) const {
    return number_in<std::uint32_t>(find(type));
}

std::optional<std::uint64_t> Attributes::u64(int type) const {
    return number_in<std::uint64_t>(find(type));
}

bool Attributes::flag(int type, bool otherwise) const {
    const auto number = number_in<std::uint8_t>(find(type));
    return number ? *number != 0 : otherwise;
}

std::string Attributes::string(int type) const {
    const auto content = find(type).value_or(Bytes{});
    return {content.begin(), std::find(content.begin(), content.end(), 0)};
}

int Message::errnum() const {
    std::int32_t negative = 0;
    if (content.size() < sizeof negative) return 0;
    std::memcpy(&negative, content.data(), sizeof negative);
    // What no kernel sends: an errno is below 4096 (MAX_ERRNO, linux/err.h).
    constexpr std::int32_t most = 4095;
    return negative > 0 || negative < -most ? most : -negative;
}

std::string Message::complaint() const {
    if (header.nlmsg_type != NLMSG_ERROR || (header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
    if (content.size() < sizeof(nlmsgerr)) return {};
    nlmsgerr error{};
    std::memcpy(&error, content.data(), sizeof error);
    // Behind the error comes the refused request, or only its header.
    const std::size_t quoted = (header.nlmsg_flags & NLM_F_CAPPED) != 0
                                   ? sizeof error
                                   : sizeof error - sizeof error.msg + error.msg.nlmsg_len;
    return Attributes{behind(content, std::min(quoted, content.size()))}.string(NLMSGERR_ATTR_MSG);
}

void each_message(const Datagram& datagram, const std::function<void(const Message&)>& visit) {
    for (Bytes rest{datagram}; rest.size() >= sizeof(nlmsghdr);) {
        Message message;
        std::memcpy(&message.header, rest.data(), sizeof message.header);
        const std::size_t length = message.header.nlmsg_len;
        if (length < sizeof message.header || length > rest.size()) return;
        message.content = rest.subspan(sizeof message.header, length - sizeof message.header);
        visit(message);
        rest = behind(rest, length);
    }
}

Writer::Writer(std::uint16_t type, unsigned flags) {
    header(nlmsghdr{.nlmsg_len = 0,
                    .nlmsg_type = type,
                    .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags),
                    .nlmsg_seq = 1,
                    .nlmsg_pid = 0});
}

void Writer::append(const void* data, std::size_t size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), first, first + size);
    bytes_.resize(aligned(bytes_.size()));
}

Writer& Writer::attribute(int type, const void* content, std::size_t size) {
    const nlattr head{.nla_len = static_cast<std::uint16_t>(sizeof head + size),
                      .nla_type = static_cast<std::uint16_t>(type)};
    append(&head, sizeof head);
    append(content, size);
    return *this;
}

Writer& Writer::string(int type, const std::string& text) {
    return attribute(type, text.c_str(), text.size() + 1);
}

Writer& Writer::nest(int type, const std::function<void(Writer&)>& fill) {
    const auto start = bytes_.size();
    attribute(type | NLA_F_NESTED, nullptr, 0);
    fill(*this);
    const auto length = static_cast<std::uint16_t>(bytes_.size() - start);
    std::memcpy(bytes_.data() + start, &length, sizeof length);
    return *this;
}

Datagram Writer::bytes() const {
    auto bytes = bytes_;
    const auto length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &length, sizeof length);
    return bytes;
}

}  // namespace san::drbd
