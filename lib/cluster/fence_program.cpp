// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/fence_program.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <syslog.h>
#include <thread>
#include <unistd.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/syslog.hpp"
#include "base/text.hpp"
#include "cluster/fence_lock.hpp"
#include "cluster/fence_usage.hpp"

namespace san::cluster {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// For the write that follows the last wait, and what it takes to say how it ended.
constexpr auto after_waiting = 15s;

void open_log(const std::string& tag, const Fence_options& options) {
    // syslog(3) keeps the pointer.
    static std::string kept;
    kept = tag;
    ::openlog(kept.c_str(), LOG_PID, log::facility(options.facility).value_or(LOG_LOCAL5));
    log::set_sink([quiet = options.quiet](log::Level level, std::string_view line) {
        const auto length = static_cast<int>(line.size());
        ::syslog(log::priority(level), "%s: %.*s", log::word(level), length, line.data());
        if (!quiet && level != log::Level::debug)
            std::fprintf(stderr, "%s: %s: %.*s\n", kept.c_str(), log::word(level), length,
                         line.data());
    });
}

/// Ends the process when time is up, whatever it waits for: libcib connects without a timeout
/// (cib_native.c, 2.1.5). DRBD takes the status for a broken handler, and changes nothing.
class Watchdog {
public:
    explicit Watchdog(Clock::time_point end)
        : thread_{[this, end] {
              std::unique_lock hold{mutex_};
              if (wake_.wait_until(hold, end, [this] { return off_; })) return;
              log::error("time is up while waiting for the cluster; exit 1");
              ::_exit(fence_exit::failed);
          }} {}
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;
    ~Watchdog() {
        {
            const std::lock_guard hold{mutex_};
            off_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

private:
    std::mutex mutex_{};
    std::condition_variable wake_{};
    bool off_ = false;
    std::thread thread_;
};

/// Asks the cluster to fence this node, and reboots it in case that does not happen.
void commit_suicide(const Fence_world& world, const Handled& done) {
    const bool by_cluster = done.cluster_fences && !done.own.empty();
    if (by_cluster) {
        log::error("asking the cluster to fence this node, ", done.own);
        try {
            // The scheduler has a node with this attribute fenced (unpack.c, 2.1.5: "terminate").
            world.commands.must({"attrd_updater", "-N", done.own, "-n", "terminate", "-U", "true"},
                                Deadline::in(10s));
        } catch (const Error& problem) {
            log::error(problem.what());
        }
    }
    // As long as upstream's. There is nothing to wait for but the end.
    const std::chrono::seconds patience = by_cluster ? 300s : 20s;
    log::error("rebooting in ", patience.count(), " seconds; to cancel: kill ", ::getpid());
    if (world.sleep)
        world.sleep(patience);
    else
        std::this_thread::sleep_for(patience);
    log::error("rebooting now");
    world.commands.run({"reboot", "-f"}, Deadline::in(60s));
}

void perhaps_suicide(const Fence_request& request, const Fence_world& world, const Handled& done) {
    if (!request.options.suicide || !done.lost) return;
    const auto disks =
        observe_replica(request.resource, request.minors, world.files, world.kernel).disks;
    if (disks.primary) commit_suicide(world, done);
}

int handle(const Fence_request& request, const Fence_world& world, bool unfencing,
           Clock::time_point begin) {
    for (const auto& word : request.ignored) log::warning("ignored: ", text::quoted(word));
    // One call at a time for each resource, ours or the shell script's; when time is up the
    // constraint can be placed all the same.
    const auto path = request.lock_path();
    const auto held = path.empty() ? Fd{} : take_fence_lock(path, request.options.lock_timeout);
    if (!held && !path.empty()) {
        log::warning("no lock on ", path);
        if (request.options.lock_required) return fence_exit::failed;
    }
    const Fence_scene scene{
        .host = world.host,
        .cluster = world.cluster,
        .files = world.files,
        .kernel = world.kernel,
        .elapsed = [begin] { return std::chrono::duration_cast<Span>(Clock::now() - begin); }};
    Handled done;
    {
        // After the lock: whoever had it may have taken all of the time.
        const auto now = Clock::now();
        const Watchdog watchdog{std::max(begin + request.options.longest(), now) + after_waiting};
        done = unfencing ? unfence(request, scene) : fence(request, scene);
    }
    log::at(done.exit_code == fence_exit::failed ? log::Level::error
            : done.warn                          ? log::Level::warning
                                                 : log::Level::info,
            request.resource, ": ", done.reason, "; exit ", done.exit_code);
    if (!unfencing) perhaps_suicide(request, world, done);
    return done.exit_code;
}

}  // namespace

int run_fence_program(const std::string& name, const std::vector<std::string>& arguments,
                      const Fence_world& world) {
    const auto begin = Clock::now();
    const auto tag = name.substr(name.rfind('/') + 1);
    open_log(tag, {});
    try {
        const auto request = parse_request(arguments, world.environment, world.at_terminal);
        if (request.options.help) {
            std::fputs(fence_usage, stdout);
            return 0;
        }
        open_log(tag, request.options);
        return handle(request, world, tag.find("unfence") != std::string::npos, begin);
    } catch (const std::exception& problem) {
        log::error(problem.what(), "; exit 1 (see ", tag, " --help)");
        return fence_exit::failed;
    }
}

}  // namespace san::cluster
