// SPDX-License-Identifier: GPL-2.0-or-later
// The handler's executable, as drbdadm calls it, with a mail system and a cluster that are scripts
// in a file system of this process alone.
#include <chrono>
#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "support/catch.hpp"
#include "support/private_programs.hpp"

using namespace san;
using namespace std::chrono_literals;
using test::enter_private_files;
using test::Script;
namespace fs = std::filesystem;

namespace {

struct Handler {
    std::map<std::string, std::string> environment{
        {"DRBD_RESOURCE", "r0"}, {"DRBD_MINOR", "0"}, {"DRBD_VOLUME", "0"}, {"DRBD_PEERS", "bob"}};
    Outcome run(std::vector<std::string> words) const {
        std::vector<std::string> argv{"env", "-i"};
        for (const auto& [name, value] : environment) argv.push_back(name + "=" + value);
        argv.push_back(program);
        argv.insert(argv.end(), words.begin(), words.end());
        return Programs{}.run(argv, Deadline::in(15s), {});
    }
    std::string program = SAN_HELPER;
};

const fs::path notes = "/run/resource-agents/san-drbd-r0";

/// When nothing writes there any more.
void forget_notes() {
    test::await_background();
    fs::remove_all(notes);
}

}  // namespace

TEST_CASE("a split brain: log, attribute, mail; then the alarm is cleared") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 0"}, mail{"sendmail", "exit 0"};
    const Handler handler;
    const auto outcome = handler.run({"split-brain", "admin@example.org"});
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err,
               ContainsSubstring("split-brain: DRBD resource r0 volume 0 (drbd0): split brain "
                                 "with bob\n"));
    CHECK(cluster.called() == "-n san-drbd-r0 -U split-brain with bob\nEND\n");
    CHECK_FALSE(fs::is_empty(notes));
    const auto letter = mail.called();
    CHECK_THAT(letter, ContainsSubstring("-i -- admin@example.org\nTo: admin@example.org\n"
                                         "Subject: DRBD r0 on "));
    CHECK_THAT(letter, ContainsSubstring(": split brain with bob\n"));
    CHECK_THAT(letter, ContainsSubstring("    drbdadm connect --discard-my-data r0\n"));

    CHECK(handler.run({"clear", "r0"}).status == 0);
    CHECK(cluster.called() == "-n san-drbd-r0 -D\nEND\n");
    CHECK_FALSE(fs::exists(notes));
}

TEST_CASE("by a link with the name of DRBD's own program, for root") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 0"}, mail{"sendmail", "exit 0"};
    Handler handler;
    handler.program = "/run/test/notify-io-error.sh";
    fs::create_symlink(SAN_HELPER, handler.program);
    CHECK(handler.run({}).status == 0);
    CHECK(cluster.called() == "-n san-drbd-r0 -U io-error of volume 0\nEND\n");
    CHECK_THAT(mail.called(), ContainsSubstring("-i -- root\n"));
    CHECK(Handler{}.run({"clear", "r0"}).status == 0);
}

TEST_CASE("a mail system and a cluster that hang do not hold the handler up") {
    enter_private_files();
    const std::string never = "/run/test/never";
    ::mkfifo(never.c_str(), 0600);
    const Script cluster{"attrd_updater", "read answer < " + never}, mail{"sendmail", ""};
    const auto begin = std::chrono::steady_clock::now();
    CHECK(Handler{}.run({"quorum-lost"}).status == 0);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK_THAT(cluster.called(), ContainsSubstring("quorum-lost"));
    // It answers after all.
    const auto release = Fd::adopt(::open(never.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::write(release.raw(), "\n", 1) == 1);
    CHECK_THAT(mail.called(), ContainsSubstring("quorum lost"));
    forget_notes();
}

TEST_CASE("a cluster that refuses: the mail goes out, the alarm is kept, clear says so") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 102"}, mail{"sendmail", "exit 75"};
    CHECK(Handler{}.run({"split-brain"}).status == 0);
    CHECK_THAT(mail.called(), ContainsSubstring("split brain"));
    CHECK_FALSE(fs::is_empty(notes));
    const auto outcome = Handler{}.run({"clear", "r0"});
    CHECK(outcome.status == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("clear r0: attrd_updater"));
    CHECK_FALSE(fs::is_empty(notes));
    forget_notes();
}

TEST_CASE("without a cluster and without a mail system it succeeds all the same") {
    enter_private_files();
    const auto outcome = Handler{}.run({"emergency-reboot"});
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("mail was not sent"));
}

TEST_CASE("before a reboot the mail is on its way when the handler returns") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 0"},
        mail{"sendmail", "touch /run/test/delivered; exit 0"};
    CHECK(Handler{}.run({"emergency-reboot"}).status == 0);
    CHECK(fs::exists("/run/test/delivered"));
    CHECK_FALSE(cluster.called().empty());
    forget_notes();
}

TEST_CASE("a recipient that is none does not silence the alarm") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 0"}, mail{"sendmail", "exit 0"};
    const auto outcome = Handler{}.run({"split-brain", "a,,b"});
    CHECK(outcome.status == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("the mail goes to root"));
    CHECK_FALSE(cluster.called().empty());
    CHECK_THAT(mail.called(), ContainsSubstring("-i -- root\n"));
    forget_notes();
}

TEST_CASE("wrong usage is 2, and nobody is told anything") {
    enter_private_files();
    const Script cluster{"attrd_updater", "exit 0"}, mail{"sendmail", "exit 0"};
    for (const auto& words :
         std::vector<std::vector<std::string>>{{},
                                               {"fence-peer"},
                                               {"clear"},
                                               {"clear", "r0;reboot"},
                                               {"--logfacility", "x", "pri-lost"}})
        CHECK(Handler{}.run(words).status == 2);
    Handler without;
    without.environment.erase("DRBD_RESOURCE");
    const auto outcome = without.run({"split-brain"});
    CHECK(outcome.status == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("DRBD_RESOURCE"));
    CHECK(cluster.called(0ms).empty());
    CHECK(mail.called(0ms).empty());
    CHECK_THAT(Handler{}.run({"--help"}).out, ContainsSubstring("usage: san-drbd-notify"));
}
