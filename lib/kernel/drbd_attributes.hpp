// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink messages of DRBD's family as bytes: a bounded reader and a writer.
//
// Not libnl's: what these read is all that decides between a right and a wrong "running", and the
// sanitizers of the fuzz targets see only code that is built with them.
#pragma once

#include <cstdint>
#include <functional>
#include <linux/netlink.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace san::drbd {

/// One or more netlink messages, as they come out of a socket.
using Datagram = std::vector<std::uint8_t>;
using Bytes = std::span<const std::uint8_t>;

/// Attributes that stand side by side. What is cut off or has an impossible length ends them; an
/// attribute that is shorter than its number is as good as absent.
class Attributes {
public:
    Attributes() = default;
    explicit Attributes(Bytes bytes) : bytes_{bytes} {}

    /// Visits type, without the flag bits, and content, in order.
    void each(const std::function<void(int, Bytes)>& visit) const;

    /// The first of a type; the kernel sends no other twice but those that `each` is for.
    std::optional<Bytes> find(int type) const;
    bool has(int type) const { return find(type).has_value(); }
    /// Empty when there is none.
    Attributes inside(int type) const { return Attributes{find(type).value_or(Bytes{})}; }

    std::optional<std::uint16_t> u16(int type) const;
    std::optional<std::uint32_t> u32(int type) const;
    std::optional<std::uint64_t> u64(int type) const;
    /// A number of one byte, as DRBD sends its flags.
    bool flag(int type, bool otherwise = false) const;
    /// Up to the NUL, or the end.
    std::string string(int type) const;

private:
    template <class Visit>
    void walk(const Visit& visit) const;

    Bytes bytes_{};
};

/// One message of a datagram. Points into it.
struct Message {
    nlmsghdr header{};
    Bytes content{};  ///< what follows the netlink header

    bool ends_answer() const {
        return header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR;
    }
    /// Of NLMSG_ERROR, or of a NLMSG_DONE that carries one; 0 is an acknowledgement.
    int errnum() const;
    /// The kernel's words for the errno, where it has any (NLMSGERR_ATTR_MSG, since Linux 4.12).
    std::string complaint() const;
};

/// Visits the whole messages of a datagram; a truncated one ends it.
void each_message(const Datagram& datagram, const std::function<void(const Message&)>& visit);

/// A message being written. Sequence and port are constant: every conversation has a socket of its
/// own, which speaks first.
class Writer {
public:
    Writer(std::uint16_t type, unsigned flags);

    template <class Header>
    Writer& header(const Header& header) {
        append(&header, sizeof header);
        return *this;
    }
    Writer& attribute(int type, const void* content, std::size_t size);
    Writer& u8(int type, std::uint8_t number) { return attribute(type, &number, sizeof number); }
    Writer& u32(int type, std::uint32_t number) { return attribute(type, &number, sizeof number); }
    /// With the NUL behind it.
    Writer& string(int type, const std::string& text);
    /// An attribute that holds those which `fill` adds. Newer kernels insist on NLA_F_NESTED, and
    /// DRBD on a nest that is empty.
    Writer& nest(int type, const std::function<void(Writer&)>& fill);

    Datagram bytes() const;

private:
    void append(const void* data, std::size_t size);
    Datagram bytes_{};
};

}  // namespace san::drbd
