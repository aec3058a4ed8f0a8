// SPDX-License-Identifier: GPL-2.0-or-later
// What IET tells and is told: texts as its sources write them, 1.4.20.2, and what initiators and
// others may make of them.
#include <array>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>

#include "base/error.hpp"
#include "kernel/iet_requests.hpp"
#include "support/catch.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_iet.hpp"
#include "support/node.hpp"

using namespace san;
using namespace std::chrono_literals;

namespace {

Deadline soon() { return Deadline::in(5s); }

}  // namespace

TEST_CASE("IET's volumes: of every version, with blanks in paths and without a path") {
    const auto all = iet::parse_volumes(
        "tid:2 name:iqn.2026-01.org.example:disk2\n"
        "tid:1 name:iqn.2026-01.org.example:disk1\n"
        "\tlun:0 state:0 iotype:blockio iomode:wt blocks:131072 blocksize:4096 path:/dev/drbd0\n"
        "\tlun:1 state:1 iotype:fileio iomode:wb path:/srv/a file\n"
        "\tlun:2 state:0 iotype:nullio iomode:ro blocks:8 blocksize:512\n");
    REQUIRE(all.size() == 2);
    CHECK(all[0] == iet::Target{.number = 2, .name = "iqn.2026-01.org.example:disk2"});
    CHECK(all[1].units ==
          std::vector<iet::Unit>{{.number = 0,
                                  .type = "blockio",
                                  .mode = "wt",
                                  .block_size = 4096,
                                  .path = "/dev/drbd0"},
                                 {.number = 1,
                                  .is_leaving = true,
                                  .type = "fileio",
                                  .mode = "wb",
                                  .path = "/srv/a file"},
                                 {.number = 2, .type = "nullio", .mode = "ro", .block_size = 512}});
    CHECK(iet::parse_volumes("").empty());
}

TEST_CASE("IET's volumes: a line that the module does not write is a failure, with the line") {
    for (const std::string bad :
         {"tid:x name:iqn.a", "tid:1", "tid:4294967296 name:iqn.a", "name:iqn.a", "",
          "tid:1 name:", "\tlun:0 state:0 iotype:fileio path:/a"}) {
        INFO(bad);
        CHECK_THROWS_WITH(iet::parse_volumes(bad + "\n"), ContainsSubstring("expected another"));
    }
    for (const std::string bad :
         {"\tlun:-1 state:0 iotype:fileio path:/a", "\tlun:0 state:2 iotype:fileio path:/a",
          "\tlun:0 state: iotype:fileio path:/a", "\tlun:0 iotype:fileio", "\t", "\t\tcid:0 ip:x",
          "\tlun:0 state:0 iotype:fileio iomode:wt blocks:1 blocksize:x path:/a",
          "\tlun:0 state:0 iotype:fileio colour:blue"}) {
        INFO(bad);
        CHECK_THROWS_WITH(iet::parse_volumes("tid:1 name:iqn.a\n" + bad + "\n"),
                          ContainsSubstring("expected another line"));
    }
}

TEST_CASE("IET's sessions: an initiator's name tells no lies about others") {
    const std::string text =
        "tid:7 name:iqn.b\n"
        "\tsid:9 initiator:iqn.other\n\t\tcid:0 ip:10.0.0.9 state:active hd:none dd:none\n"
        "tid:1 name:iqn.a\n"
        "\tsid:562949990973952 initiator:iqn.host\n"
        "\t\tcid:0 ip:10.0.0.1 state:active hd:none dd:none\n"
        "\t\tcid:1 ip:[2001:0db8:0000:0000:0000:0000:0000:0001] state:closing hd:none dd:crc32c\n";
    CHECK(iet::parse_connections(text, 1) ==
          std::vector<iet::Connection>{
              {562949990973952, 0, "iqn.host", "10.0.0.1"},
              {562949990973952, 1, "iqn.host", "[2001:0db8:0000:0000:0000:0000:0000:0001]"}});
    // A name with newlines: at worst there are sessions that are none, and no failure.
    const std::string liar =
        "tid:1 name:iqn.a\n\tsid:3 initiator:iqn.x\ntid:9 name:z\n\tsid:x initiator\n\n:\t\tcid:\n"
        "\tsid:4 initiator:iqn.y\n\t\tcid:7 ip:10.0.0.3 state:active hd:none dd:none\n";
    CHECK(iet::parse_connections(liar, 1).empty());
    CHECK(iet::possible_connections(liar) ==
          std::vector<iet::Connection>{{3, 7, "iqn.x", ""}, {4, 7, "iqn.y", ""}});
}

TEST_CASE("IET: every request in ietadm's words, and none with a secret") {
    using Words = std::vector<std::string>;
    CHECK(iet::make_target(3, "iqn.a").words ==
          Words{"--op", "new", "--tid=3", "--params=Name=iqn.a"});
    CHECK(iet::remove_target(3).words == Words{"--op", "delete", "--tid=3"});
    CHECK(iet::make_unit(3, 0, {{"Path", "/a b"}, {"Type", "fileio"}}).words ==
          Words{"--op", "new", "--tid=3", "--lun=0", "--params=Path=/a b,Type=fileio"});
    CHECK(iet::remove_unit(3, 4).words == Words{"--op", "delete", "--tid=3", "--lun=4"});
    CHECK(iet::end_connection(3, {.session = 5, .number = 1}).words ==
          Words{"--op", "delete", "--tid=3", "--sid=5", "--cid=1"});
    CHECK(iet::show_login_parameters(3).words == Words{"--op", "show", "--tid=3", "--sid=0"});
    CHECK(iet::parse_parameters("A=1\nB=x=y\n") ==
          std::vector<iet::Parameter>{{"A", "1"}, {"B", "x=y"}});
    CHECK_THROWS_WITH(iet::parse_parameters("A\n"), ContainsSubstring("expected another line"));
}

TEST_CASE("ietd's accounts: bytes as struct ietadm_req has them") {
    const iet::Account_request request{.op = iet::Account_op::make,
                                       .target = 0x01020304,
                                       .outgoing = true,
                                       .user = "client",
                                       .password = Secret{"s3cret"}};
    const auto bytes = iet::encode(request);
    REQUIRE(bytes.size() == 2072);
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.data() + at, sizeof value);
        return value;
    };
    CHECK(number(0) == 17);
    CHECK(number(4) == 0x01020304);
    CHECK(number(24) == 1);
    CHECK(std::strcmp(reinterpret_cast<const char*>(bytes.data()) + 28, "client") == 0);
    CHECK(std::strcmp(reinterpret_cast<const char*>(bytes.data()) + 284, "s3cret") == 0);
    auto too_long = request;
    too_long.password = Secret{std::string(256, 'x')};
    CHECK_THROWS_WITH(iet::encode(too_long), !ContainsSubstring("xxx"));
    for (const auto* version : {"1.4.20", "1.4.20.2", "1.4.20.3"})
        CHECK(iet::speaks_of_accounts(version));
    // There the number of making one is that of removing one.
    for (const auto* version : {"1.4.19", "0.4.17", "", "1.4.200", "1.4.21", "svn"})
        CHECK_FALSE(iet::speaks_of_accounts(version));
}

TEST_CASE("ietd's accounts: answers, refusals, and what is no answer") {
    iet::Account_request list{.op = iet::Account_op::list, .target = 3};
    auto answer = iet::encode(list);
    answer[32] = 2;
    answer.resize(iet::answer_size + 2048);
    std::memcpy(answer.data() + iet::answer_size, "first", 5);
    std::memcpy(answer.data() + iet::answer_size + 256, "second", 6);
    CHECK(iet::more_of(list, answer) == 2048);
    CHECK(iet::decode(list, answer).users == std::vector<std::string>{"first", "second"});
    CHECK_FALSE(iet::decode(list, answer).more);
    answer[36] = 1;
    CHECK(iet::decode(list, answer).more);
    answer[32] = 9;
    CHECK_THROWS_AS(iet::decode(list, answer), Error);
    answer[32] = 2;
    auto other = list;
    other.target = 4;
    CHECK_THROWS_WITH(iet::decode(other, answer), ContainsSubstring("is none to what was asked"));
    answer.pop_back();
    CHECK_THROWS_AS(iet::decode(list, answer), Error);
    answer.resize(10);
    CHECK_THROWS_AS(iet::decode(list, answer), Error);

    iet::Account_request show{.op = iet::Account_op::show, .target = 3, .user = "client"};
    auto shown = iet::encode(show);
    shown.resize(iet::answer_size);
    // One that fills its field has no NUL behind it.
    std::memset(shown.data() + 284, 'p', 256);
    CHECK(iet::decode(show, shown).password.reveal() == std::string(256, 'p'));
    const std::int32_t refused = -ENOENT;
    std::memcpy(shown.data() + 2072, &refused, sizeof refused);
    CHECK(iet::decode(show, shown).errnum == ENOENT);
    // A number without an opposite is a refusal like any other.
    const std::int32_t least = INT32_MIN;
    std::memcpy(shown.data() + 2072, &least, sizeof least);
    CHECK_FALSE(iet::decode(show, shown).ok());
    CHECK(iet::more_of(list, shown) == 0);
}

namespace {

/// ietd's socket, with one answer, under a name of the test's own.
class Mini_ietd {
public:
    explicit Mini_ietd(std::function<iet::Bytes(const iet::Bytes&)> answer)
        : name_{"SAN_TEST_IETD_" + std::to_string(::getpid())},
          listener_{Fd::adopt(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))} {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name_.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        REQUIRE(::bind(listener_.raw(), reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                0);
        REQUIRE(::listen(listener_.raw(), 32) == 0);
        if (answer)
            thread_ = std::thread{[this, answer] {
                const auto fd = Fd::adopt(::accept(listener_.raw(), nullptr, nullptr));
                iet::Bytes request(2072);
                if (::recv(fd.raw(), request.data(), request.size(), MSG_WAITALL) != 2072) return;
                const auto reply = answer(request);
                ::send(fd.raw(), reply.data(), reply.size(), MSG_NOSIGNAL);
            }};
    }
    Mini_ietd(const Mini_ietd&) = delete;
    Mini_ietd& operator=(const Mini_ietd&) = delete;
    ~Mini_ietd() {
        if (thread_.joinable()) thread_.join();
    }
    const std::string& name() const { return name_; }

private:
    std::string name_;
    Fd listener_;
    std::thread thread_{};
};

struct Place {
    test::Fake_root root;
    test::Fake_commands commands;
    Place() { put("sys/module/iscsi_trgt/version", "1.4.20.2\n"); }
    void put(const std::string& file, const std::string& text) const {
        std::filesystem::create_directories((root.path() / file).parent_path());
        std::ofstream{root.path() / file} << text;
    }
    std::unique_ptr<iet::Control> control(const std::string& socket = "SAN_TEST_NOBODY") {
        return iet::make_control(commands, root.path(), socket);
    }
};

const iet::Account_request show{.op = iet::Account_op::show, .target = 3, .user = "client"};

}  // namespace

TEST_CASE("IET: the module's text, and none without the module") {
    Place place;
    CHECK_FALSE(place.control()->volumes(soon()));
    place.put("proc/net/iet/volume", "tid:1 name:iqn.a\n");
    CHECK(place.control()->volumes(soon()) == "tid:1 name:iqn.a\n");
    CHECK_FALSE(place.control()->sessions(soon()));
}

TEST_CASE("IET: a list that somebody holds keeps nobody beyond the deadline") {
    Place place;
    std::filesystem::create_directories(place.root.path() / "proc/net/iet");
    // As down_interruptible does, an open and a read of it wait until a signal comes.
    const auto fifo = place.root.path() / "proc/net/iet/volume";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    const auto before = Deadline::Clock::now();
    CHECK_THROWS_WITH(place.control()->volumes(Deadline::in(100ms)),
                      ContainsSubstring("time is up while waiting for whoever changes a target"));
    const auto other_end = Fd::adopt(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
    CHECK_THROWS_WITH(place.control()->volumes(Deadline::in(100ms)),
                      ContainsSubstring("time is up"));
    CHECK(Deadline::Clock::now() - before < 3s);
}

TEST_CASE("IET: ietadm's exit status is an errno") {
    Place place;
    place.commands.on({"ietadm"}).exits(256 - EBUSY).complains("Device or resource busy.");
    place.commands.on({"ietadm", "--op", "show", "--tid=1"}).prints("Wthreads=8\n");
    const auto control = place.control();
    const auto refused = control->ask(iet::remove_target(1), soon());
    CHECK(refused.errnum == EBUSY);
    CHECK(refused.text == "Device or resource busy.");
    const auto shown = control->ask(iet::show_parameters(1), soon());
    CHECK(shown.ok());
    CHECK(shown.text == "Wthreads=8\n");
    place.commands.uninstall("ietadm");
    CHECK_THROWS_WITH(control->ask(iet::remove_target(1), soon()),
                      ContainsSubstring("ietadm is not installed"));
}

TEST_CASE("ietd: an account over its socket") {
    Place place;
    Mini_ietd daemon{[](iet::Bytes request) {
        request.resize(iet::answer_size);
        std::memcpy(request.data() + 284, "s3cret", 6);
        return request;
    }};
    const auto answer = place.control(daemon.name())->ask(show, soon());
    CHECK(answer.ok());
    CHECK(answer.password.reveal() == "s3cret");
    CHECK(place.commands.asked.empty());
}

TEST_CASE("ietd: one that is absent, silent, hangs up or is another version") {
    Place place;
    CHECK_THROWS_WITH(place.control()->ask(show, soon()), ContainsSubstring("ietd is not running"));
    {
        Mini_ietd silent{{}};
        const auto before = Deadline::Clock::now();
        CHECK_THROWS_WITH(place.control(silent.name())->ask(show, Deadline::in(100ms)),
                          ContainsSubstring("ietd does not answer"));
        CHECK(Deadline::Clock::now() - before < 3s);
    }
    {
        Mini_ietd rude{[](const iet::Bytes&) { return iet::Bytes{}; }};
        CHECK_THROWS_WITH(place.control(rude.name())->ask(show, soon()),
                          ContainsSubstring("hung up without an answer"));
    }
    place.put("sys/module/iscsi_trgt/version", "1.4.19\n");
    CHECK_FALSE(place.control()->speaks_of_accounts());
    CHECK_THROWS_WITH(place.control()->ask(show, soon()),
                      ContainsSubstring("IET is version \"1.4.19\": expected 1.4.20"));
}

TEST_CASE("ietd: whoever else has taken its name is told nothing") {
    if (::geteuid() != 0) return;  // Nobody else to be.
    Place place;
    const auto socket = "SAN_TEST_IMPOSTOR_" + std::to_string(::getpid());
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const auto ready = Fd::adopt(ends[0]);
    auto done = Fd::adopt(ends[1]);
    const auto child = ::fork();
    if (child == 0) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket.copy(address.sun_path + 1, sizeof address.sun_path - 1);
        const auto fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        const bool listens =
            ::setuid(65534) == 0 &&
            ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
            ::listen(fd, 8) == 0;
        if (listens && ::write(done.raw(), "x", 1) == 1) ::pause();
        ::_exit(1);
    }
    done.close();
    char byte = 0;
    REQUIRE(::read(ready.raw(), &byte, 1) == 1);
    CHECK_THROWS_WITH(place.control(socket)->ask(show, soon()),
                      ContainsSubstring("who listens in the place of ietd is process"));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}
