// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/initiator.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/late_library.hpp"
#include "kernel/libiscsi.hpp"

namespace san {

namespace {

struct Socket_address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
};

Socket_address address_of(const Ip& ip, std::uint16_t port) {
    Socket_address address;
    if (ip.family() == Family::ipv4) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        std::memcpy(&in.sin_addr, ip.data(), ip.size());
        std::memcpy(&address.bytes, &in, address.size = sizeof in);
    } else {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port);
        std::memcpy(&in.sin6_addr, ip.data(), ip.size());
        std::memcpy(&address.bytes, &in, address.size = sizeof in);
    }
    return address;
}

std::unique_ptr<Initiator> load() {
    Late_library library{"libsan-logins.so.0"};
    const auto door = library.find<decltype(san_logins_make)>("san_logins_make");
    if (!door)
        throw Error{Kind::not_installed,
                    "OCF_CHECK_LEVEL=10: expected libiscsi: " + library.problem()};
    return std::unique_ptr<Initiator>{door()};
}

class Late_initiator final : public Initiator {
public:
    bool reaches(const Ip& ip, std::uint16_t port) override { return connects(ip, port); }
    std::optional<std::string> ask(const Login& login, const Deadline& deadline) override {
        if (!initiator_) initiator_ = load();
        return initiator_->ask(login, deadline);
    }

private:
    std::unique_ptr<Initiator> initiator_;
};

}  // namespace

bool connects(const Ip& ip, std::uint16_t port) {
    const int family = ip.family() == Family::ipv4 ? AF_INET : AF_INET6;
    const auto fd = Fd::adopt(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) throw system_error("opening a socket", errno);
    const auto to = address_of(ip, port);
    if (::connect(fd.raw(), reinterpret_cast<const sockaddr*>(&to.bytes), to.size) == 0)
        return true;
    if (errno != EINPROGRESS) return false;
    pollfd made{fd.raw(), POLLOUT, 0};
    const auto limit = Deadline::in(connect_time);
    while (::poll(&made, 1, static_cast<int>(limit.left().count())) < 0 && errno == EINTR) {
    }
    int problem = 0;
    socklen_t size = sizeof problem;
    ::getsockopt(fd.raw(), SOL_SOCKET, SO_ERROR, &problem, &size);
    return made.revents != 0 && problem == 0;
}

std::unique_ptr<Initiator> make_initiator() { return std::make_unique<Late_initiator>(); }

}  // namespace san
