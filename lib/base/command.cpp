// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/command.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/text.hpp"

namespace san {

namespace {

// Agents inherit PATH from whatever started Pacemaker; tools are where distributions put them.
constexpr std::array directories{"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};

// Enough for any message we read; the rest of a runaway tool's output is discarded.
constexpr std::size_t output_limit = 1U << 20U;

std::optional<std::string> find_program(const std::string& name) {
    if (name.starts_with('/')) {
        if (::access(name.c_str(), X_OK) != 0) return {};
        return name;
    }
    for (const auto* directory : directories) {
        auto path = directory + name;
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return {};
}

struct Pipe {
    Fd read, write;
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw system_error("making a pipe", errno);
        read = Fd::adopt(ends[0]);
        write = Fd::adopt(ends[1]);
    }
};

/// A started program; killed and reaped if it is still there at the end of the scope.
class Child {
public:
    Child(const std::string& path, const std::vector<std::string>& argv, const Pipe& in,
          const Pipe& out, const Pipe& err) {
        std::vector<char*> arguments;
        for (const auto& word : argv) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);

        std::vector<std::string> kept;
        for (char** entry = environ; *entry != nullptr; ++entry)
            if (std::strncmp(*entry, "LC_", 3) != 0 && std::strncmp(*entry, "LANG", 4) != 0)
                kept.emplace_back(*entry);
        kept.emplace_back("LC_ALL=C");
        std::vector<char*> environment;
        for (auto& entry : kept) environment.push_back(entry.data());
        environment.push_back(nullptr);

        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, in.read.raw(), STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, out.write.raw(), STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, err.write.raw(), STDERR_FILENO);
        // Libraries open descriptors without close-on-exec, and LVM's tools complain of each.
        ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        // A signal that is ignored here would stay ignored there.
        posix_spawnattr_t attributes;
        ::posix_spawnattr_init(&attributes);
        sigset_t defaults;
        ::sigemptyset(&defaults);
        ::sigaddset(&defaults, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes, &defaults);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
        const int problem = ::posix_spawn(&pid_, path.c_str(), &actions, &attributes,
                                          arguments.data(), environment.data());
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
        if (problem != 0) throw system_error("starting " + path, problem);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        // A child in uninterruptible sleep cannot be reaped now; init will do it.
        ::waitpid(pid_, nullptr, WNOHANG);
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0)
            if (errno != EINTR) throw system_error("waiting for a child", errno);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    pid_t pid_ = -1;
};

void drain(Fd& from, std::string& into) {
    std::array<char, 4096> buffer{};
    const auto got = ::read(from.raw(), buffer.data(), buffer.size());
    if (got > 0) {
        if (into.size() < output_limit) into.append(buffer.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
        from.close();
    }
}

void feed(Fd& to, std::string_view& input) {
    const auto put = ::write(to.raw(), input.data(), input.size());
    if (put >= 0) input.remove_prefix(static_cast<std::size_t>(put));
    if (input.empty() || (put < 0 && errno != EINTR && errno != EAGAIN)) to.close();
}

}  // namespace

std::string Outcome::complaint() const {
    for (const auto* stream : {&err, &out}) {
        const auto said = text::joined(text::words(*stream), " ");
        if (!said.empty()) return said;
    }
    return "exit status " + std::to_string(status);
}

Outcome Commands::must(const std::vector<std::string>& argv, const Deadline& deadline,
                       std::string_view input) {
    auto outcome = run(argv, deadline, input);
    if (!outcome.ok())
        throw Error{Kind::failed, text::joined(argv, " ") + ": " + outcome.complaint()};
    return outcome;
}

bool Programs::has(const std::string& program) const { return find_program(program).has_value(); }

Outcome Programs::run(const std::vector<std::string>& argv, const Deadline& deadline,
                      std::string_view input) {
    const auto path = find_program(argv.front());
    if (!path) throw Error{Kind::not_installed, "program " + argv.front() + " is not installed"};

    // A child that closes its input early must not end us.
    struct sigaction ignore {
    }, before{};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before);

    Pipe in, out, err;
    Child child{*path, argv, in, out, err};
    in.read.close();
    out.write.close();
    err.write.close();
    if (input.empty()) in.write.close();
    // A full pipe must not stop us from reading what the child says meanwhile.
    else if (::fcntl(in.write.raw(), F_SETFL, O_NONBLOCK) != 0)
        throw system_error("preparing the input of " + argv.front(), errno);

    Outcome outcome;
    while (out.read || err.read || in.write) {
        std::array<pollfd, 3> wait{{{out.read.raw(), POLLIN, 0},
                                    {err.read.raw(), POLLIN, 0},
                                    {in.write.raw(), POLLOUT, 0}}};
        const auto left = deadline.left();
        if (left.count() == 0) {
            ::sigaction(SIGPIPE, &before, nullptr);
            throw Error{Kind::failed,
                        text::joined(argv, " ") + ": did not finish within the time allowed"};
        }
        if (::poll(wait.data(), wait.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            throw system_error("waiting for " + argv.front(), errno);
        if (wait[0].revents != 0) drain(out.read, outcome.out);
        if (wait[1].revents != 0) drain(err.read, outcome.err);
        if (wait[2].revents != 0) feed(in.write, input);
    }
    ::sigaction(SIGPIPE, &before, nullptr);
    outcome.status = child.wait();
    return outcome;
}

}  // namespace san
