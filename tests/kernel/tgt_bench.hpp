// SPDX-License-Identifier: GPL-2.0-or-later
// Where the contract of tgtd is tried: on the fake, and on a daemon in a private network.
#pragma once

#include <csignal>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sys/wait.h>

#include "base/error.hpp"
#include "kernel/tgt.hpp"
#include "kernel/tgt_requests.hpp"
#include "support/catch.hpp"
#include "support/fake_tgt.hpp"
#include "support/node.hpp"
#include "support/private_network.hpp"

namespace san::test::tgt_bench {

using namespace std::chrono_literals;

class Bench {
public:
    virtual ~Bench() = default;
    virtual tgt::Daemon& daemon() = 0;
    /// It ends without a word, or stands still.
    virtual void kill() = 0;
    virtual void stop() = 0;
    virtual void start() = 0;
    bool is_real = false;

    const std::filesystem::path& place() const { return root_.path(); }
    std::string disk(const std::string& name = "disk") const { return root_.path() / name; }

private:
    Fake_root root_;
};

class Fake_bench final : public Bench {
public:
    Fake_bench() {
        for (const auto* name : {"disk", "theirs"}) fake_.files[disk(name)] = 64 << 20;
        fake_.here = {"0.0.0.0", "[::]", "127.0.0.1", "[::1]"};
    }
    tgt::Daemon& daemon() override { return fake_; }
    void kill() override { fake_.end(); }
    void stop() override { fake_.answers = false; }
    void start() override { fake_.is_there = fake_.answers = true; }

private:
    Fake_tgtd fake_;
};

class Real_bench final : public Bench {
public:
    Real_bench() {
        is_real = true;
        enter_private_network();
        ip("link set lo up");
        for (const auto* name : {"disk", "theirs"}) {
            std::ofstream file{disk(name)};
            std::filesystem::resize_file(disk(name), 64 << 20);
        }
        start();
    }
    ~Real_bench() override { kill(); }

    tgt::Daemon& daemon() override { return *daemon_; }
    void kill() override {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    void stop() override { ::kill(process_, SIGSTOP); }
    void start() override {
        if (process_ > 0) {
            ::kill(process_, SIGCONT);
            return;
        }
        const auto socket = (place() / "socket").string();
        const auto log = (place() / "log").string();
        process_ = ::fork();
        if (process_ == 0) {
            ::setenv("TGT_IPC_SOCKET", socket.c_str(), 1);
            const auto out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
            ::dup2(out, 1);
            ::dup2(out, 2);
            ::execlp("tgtd", "tgtd", "-f", nullptr);
            ::_exit(127);
        }
        if (!daemon_) daemon_ = tgt::make_daemon(socket + ".0");
        // It announces itself to systemd only.
        const auto deadline = Deadline::in(20s);
        while (!daemon_->ask(tgt::show_system(), deadline)) {
            if (::waitpid(process_, nullptr, WNOHANG) == process_) {
                std::cerr << "skipped: tgtd does not start: is the package tgt installed?\n";
                std::_Exit(77);
            }
            if (deadline.expired()) throw Error{Kind::failed, "tgtd does not come up"};
            ::poll(nullptr, 0, 10);
        }
    }

private:
    pid_t process_ = 0;
    std::unique_ptr<tgt::Daemon> daemon_;
};

inline void with_each_bench(const std::function<void(Bench&)>& check) {
    {
        INFO("on the fake");
        Fake_bench bench;
        check(bench);
    }
    INFO("on a daemon");
    Real_bench bench;
    check(bench);
}

}  // namespace san::test::tgt_bench
