// SPDX-License-Identifier: GPL-2.0-or-later
// Every write that was recorded on the real SCST (tests/data/scst), done to the fake: errno, the
// shared result before and after, what is read, and what a directory holds.
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>

#include "base/text.hpp"
#include "support/catch.hpp"
#include "support/fake_scst.hpp"
#include "support/source_directory.hpp"

using namespace san;

namespace {

const std::string folder = test::source_directory() + "/tests/data/scst/";
const std::string target = "iqn.2016-06.com.example:disk1";
const std::string at = "targets/iscsi/" + target;

struct Block {
    std::map<std::string, std::string> fields{};
    std::string stage{};
    bool has(const std::string& name) const { return fields.contains(name); }
    std::string operator[](const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? "" : found->second;
    }
};

std::vector<Block> blocks(const std::string& file) {
    std::ifstream in{folder + file};
    REQUIRE(in);
    std::vector<Block> found(1);
    for (std::string line; std::getline(in, line);) {
        auto& block = found.back();
        if (line.empty()) {
            if (!block.fields.empty() || !block.stage.empty()) found.emplace_back();
        } else if (line.starts_with("== "))
            block.stage = line.substr(3);
        else if (line.starts_with("    |"))
            block.fields["content"] += line.substr(5) + "\n";
        else if (const auto colon = line.find(':'); colon != std::string::npos)
            block.fields[line.substr(0, colon)] =
                line.size() > colon + 2 ? line.substr(colon + 2) : "";
    }
    return found;
}

int errno_of(std::string name) {
    static const std::map<std::string, int> numbers{{"ok", 0},
                                                    {"EPERM", EPERM},
                                                    {"ENOENT", ENOENT},
                                                    {"EEXIST", EEXIST},
                                                    {"EINVAL", EINVAL},
                                                    {"EBUSY", EBUSY},
                                                    {"ENOTBLK", ENOTBLK},
                                                    {"EACCES", EACCES},
                                                    {"EBADSLT", EBADSLT},
                                                    {"EAGAIN", EAGAIN}};
    if (name.starts_with("open: ")) name = name.substr(6);
    return numbers.at(name);
}

std::string bytes_of(const std::string& data) {
    if (data == "(empty)") return "";
    if (data.ends_with("\\n")) return data.substr(0, data.size() - 2) + "\n";
    return data;
}

/// Plays a file of blocks, and does to the fake what was done to the machine meanwhile.
class Player {
public:
    Player() {
        scst.files = {{"/srv/iscsi/disk1.img", {64 << 20}},   {"/srv/iscsi/disk3.img", {64 << 20}},
                      {"/srv/iscsi/odd.img", {1000}},         {"/dev/vda", {1 << 30, true, true}},
                      {"/dev/vdb", {256 << 20, true}},        {"/dev/vdc", {128 << 20, true}},
                      {"/dev/mapper/stuck", {64 << 20, true}}};
        scst.directories.insert({"/srv/iscsi", "/srv/iscsi/pr"});
        scst.load_handlers();
        scst.meanwhile = [this] {
            // Others, who see it under way; then the device answers.
            while (next_ < all_.size() && !ends_the_wait(all_[next_])) play(all_[next_++]);
            scst.stuck.clear();
        };
    }

    void play_file(const std::string& file) {
        all_ = blocks(file);
        for (next_ = 0; next_ < all_.size();) play(all_[next_++]);
    }

    test::Fake_scst scst;
    unsigned writes = 0, reads = 0, lists = 0, entries = 0;

private:
    static bool ends_the_wait(const Block& block) {
        if (block.has("write")) return !block["last_sysfs_mgmt_res"].starts_with("EAGAIN before");
        return !block["event"].starts_with("answer");
    }

    void play(const Block& block) {
        if (!block.stage.empty()) begin(block.stage);
        if (block.has("write")) write(block);
        if (block.has("read")) read(block);
        if (block.has("event")) see(block["event"]);
        if (block.has("listing")) compare(block["listing"]);
    }

    void begin(const std::string& stage) {
        INFO(stage);
        if (stage.starts_with("2 ")) scst.start_daemon();
        // Clients end with their stage.
        for (const auto& session : scst.sessions(target)) scst.log_out(target, session);
    }

    std::string result() const {
        const auto answer = scst.read("last_sysfs_mgmt_res");
        if (answer.errnum == EAGAIN) return "EAGAIN";
        return std::string{text::trimmed(answer.text)};
    }

    void write(const Block& block) {
        INFO(block["write"] << ": " << block["data"] << " (" << block["note"] << ")");
        const auto& recorded = block["last_sysfs_mgmt_res"];
        const auto comma = recorded.find(" before, ");
        const auto before = recorded.substr(0, comma);
        auto after = recorded.substr(comma + 9);
        after = after.substr(0, after.find(' '));
        const auto note = block["note"];
        if (note == "file grown to 96 MiB") scst.files["/srv/iscsi/disk1.img"].bytes = 96 << 20;
        if (note == "directory /var/lib/scst/pr does not exist")
            scst.directories.erase("/var/lib/scst/pr");
        else if (note != "same")
            scst.directories.insert("/var/lib/scst/pr");
        scst.daemon_hangs = note.find("daemon stopped (SIGSTOP)") != std::string::npos ||
                            note.find("daemon still stopped") != std::string::npos;
        // Of the last client there nobody recorded the end.
        if (block["data"] == "clear" && scst.has("devices/stuck")) begin("");
        scst.queues = recorded_with_queue && block["result"] == "EAGAIN";
        const auto gave = recorded.find(" gave EAGAIN)");
        const auto times = recorded.rfind('(', gave);
        scst.busy_reads = 0;
        if (gave != std::string::npos)
            scst.busy_reads = text::number<unsigned>(recorded.substr(times + 1, 1)).value_or(0);

        CHECK(result() == before);
        const auto errnum = scst.write(block["write"], bytes_of(block["data"]));
        CHECK(errnum == errno_of(block["result"]));
        CHECK(scst.opened() == !block["result"].starts_with("open: "));
        if (scst.queues)
            for (auto left = scst.busy_reads; left > 0; --left) CHECK(result() == "EAGAIN");
        CHECK(result() == after);
        ++writes;
    }

    void read(const Block& block) {
        const auto path = block["read"];
        INFO("reading " << path);
        if (path.ends_with("/active_commands")) {
            const auto count = text::number<unsigned>(text::trimmed(block["content"])).value();
            const std::string name = "iqn.1994-05.com.redhat:io";
            scst.log_out(target, name);
            scst.log_in(target, name, count);
            if (count > 0) scst.stuck = {"stuck"};
        }
        if (path.ends_with("/open_state")) scst.kill_daemon();
        const auto answer = scst.read(path);
        CHECK(answer.errnum == (block.has("result") ? errno_of(block["result"]) : 0));
        // The one of version has blanks at a line's end.
        CHECK(answer.text == block["content"]);
        ++reads;
    }

    void hold(const std::string& directory, const std::string& list) {
        INFO(directory);
        auto words = text::words(list.substr(0, list.find_first_of("(;")));
        std::sort(words.begin(), words.end());
        auto found = scst.names(directory);
        std::sort(found.begin(), found.end());
        CHECK(found == words);
        ++lists;
    }

    /// What the machine had when the tree was taken, the fake has.
    void compare(const std::string& file) {
        INFO(file);
        std::ifstream in{folder + file};
        REQUIRE(in);
        for (std::string line; std::getline(in, line);) {
            const auto path = line.substr(2, line.find(" -> ") - 2);
            // Clients' connections, and what one of them reads, are not in the fake.
            if (path.find("/sessions/") != std::string::npos) continue;
            INFO(line);
            if (line.starts_with("d ")) CHECK(scst.has(path.substr(0, path.size() - 1)));
            if (line.starts_with("l "))
                CHECK(scst.find_link(path) == (std::filesystem::path{path}.parent_path() /
                                               line.substr(line.find(" -> ") + 4))
                                                  .lexically_normal());
            if (line.starts_with("f ")) CHECK(scst.has(line.substr(6, line.find("  [") - 6)));
            if (!line.starts_with("    ")) ++entries;
        }
    }

    void see(const std::string& event) {
        INFO(event);
        static const std::map<std::string, std::string> places{
            {"luns left", at + "/luns"},
            {"luns", at + "/luns"},
            {"default luns left", at + "/luns"},
            {"group luns left", at + "/ini_groups/hosts/luns"},
            {"groups", at + "/ini_groups"},
            {"sessions", at + "/sessions"},
            {"sessions right after", at + "/sessions"},
            {"sessions 2 s later", at + "/sessions"},
            {"sessions 3 s after force_close", at + "/sessions"},
            {"two sessions of one initiator name", at + "/sessions"},
            {"after one of them ended", at + "/sessions"},
            {"targets now", "targets/iscsi"},
            {"targets", "targets/iscsi"},
            {"targets/iscsi", "targets/iscsi"},
            {"directory there", "targets/iscsi"},
            {"targets after the daemon went on", "targets/iscsi"},
            {"after the daemon was started again", "targets/iscsi"},
            {"device groups", "device_groups"},
            {"devices of the group", "device_groups/dg1/devices"},
            {"devices", "devices"}};
        const auto colon = event.find(": ");
        const auto subject = event.substr(0, colon);
        if (event.find(" logs in: login ok") != std::string::npos)
            scst.log_in(target, text::words(event)[1]);
        if (subject == "after one of them ended")
            scst.log_out(target, "iqn.1994-05.com.redhat:client1_1");
        if (subject == "after the daemon was started again") scst.start_daemon();
        if (event.starts_with("sessions:  (")) begin("");
        if (event.starts_with("write of \"del 0\"")) interrupt(event);
        if (const auto link = event.find(": luns link -> "); link != std::string::npos) {
            const auto session = at + "/sessions/iqn.1994-05.com.redhat:" + subject;
            CHECK(scst.find_link(session + "/luns") ==
                  (std::filesystem::path{session} / event.substr(link + 15)).lexically_normal());
        }
        if (const auto place = places.find(subject); place != places.end())
            hold(place->second, event.substr(colon + 1));
    }

    /// The wait ends with a signal, and the write goes on; one that is repeated is done twice.
    void interrupt(const std::string& event) {
        scst.interrupted_writes = 1;
        scst.busy_reads = 3;
        CHECK(scst.write(at + "/luns/mgmt", "del 0") == EINTR);
        CHECK(result() == "EAGAIN");
        scst.stuck.clear();
        if (event.find("with SA_RESTART: EINVAL") != std::string::npos)
            CHECK(scst.write(at + "/luns/mgmt", "del 0") == EINVAL);
        while (result() == "EAGAIN") {
        }
    }

public:
    bool recorded_with_queue = false;

private:
    std::vector<Block> all_{};
    std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("scst: every recorded write of one life of the machine, done to the fake") {
    Player player;
    player.play_file("writes-1-setup.txt");
    player.play_file("writes-2-access.txt");
    player.play_file("writes-3-live.txt");
    CHECK(player.writes == 374);
    CHECK(player.reads == 184);
    CHECK(player.lists == 23);
    CHECK(player.entries == 1732);
}

TEST_CASE("scst: every recorded write beside a device that does not answer") {
    Player player;
    player.scst.start_daemon();
    // What the machine had done before.
    CHECK(player.scst.write("handlers/vdisk_nullio/mgmt", "add_device") == EINVAL);
    player.play_file("writes-4-stuck.txt");
    CHECK(player.writes == 38);
    CHECK(player.lists == 8);
}

TEST_CASE("scst: every recorded write with everything queued") {
    Player player;
    player.scst.start_daemon();
    player.recorded_with_queue = true;
    player.play_file("writes-5-queued.txt");
    CHECK(player.writes == 91);
}
