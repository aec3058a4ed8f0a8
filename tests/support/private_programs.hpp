// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that are scripts, where executables of ours find them, in files of this process alone.
#pragma once

#include <cstring>
#include <filesystem>
#include <poll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/deadline.hpp"
#include "support/private_network.hpp"

namespace san::test {

inline void mount_empty(const char* where) {
    if (::mount("tmpfs", where, "tmpfs", 0, "") != 0) {
        std::cerr << "skipped: no file system of our own: " << std::strerror(errno) << "\n";
        std::_Exit(77);
    }
}

/// A network of our own, with /run and the directory in which programs are looked up first, both
/// empty. Called before anything opens a socket.
inline void enter_private_files() {
    static const bool entered = [] {
        enter_private_network();
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            std::cerr << "skipped: no mounts of our own\n";
            std::_Exit(77);
        }
        mount_empty("/usr/sbin");
        mount_empty("/run");
        std::filesystem::create_directory("/run/test");
        // What is left in the background becomes a child of the test, which can wait for it.
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        return true;
    }();
    static_cast<void>(entered);
}

/// Waits until everything that executables of ours left in the background has ended.
inline void await_background() {
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
    }
}

/// A program that is a script, whose arguments and input reach the test through a FIFO.
class Script {
public:
    Script(const std::string& name, const std::string& ending) : program_{"/usr/sbin/" + name} {
        const auto pipe = "/run/test/" + name;
        std::filesystem::remove(pipe);
        ::mkfifo(pipe.c_str(), 0600);
        // For both, so that opening waits for nobody.
        reports_ = Fd::adopt(::open(pipe.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
        std::ofstream{program_} << "#!/bin/sh\n{ printf '%s\\n' \"$*\"; cat; echo END; } > " << pipe
                                << "\n"
                                << ending << "\n";
        std::filesystem::permissions(program_, std::filesystem::perms::owner_all);
    }
    ~Script() { std::filesystem::remove(program_); }

    /// What the next call of it was given; empty when there is none in time.
    std::string called(std::chrono::milliseconds within = std::chrono::seconds{10}) const {
        std::string all;
        const auto deadline = Deadline::in(within);
        while (!all.ends_with("END\n") && !deadline.expired()) {
            pollfd wait{reports_.raw(), POLLIN, 0};
            ::poll(&wait, 1, static_cast<int>(deadline.left().count()));
            // One call after another: byte by byte, so that nothing of the next is taken.
            char letter = 0;
            if (::read(reports_.raw(), &letter, 1) == 1) all += letter;
        }
        return all;
    }

private:
    std::filesystem::path program_;
    Fd reports_;
};

}  // namespace san::test
