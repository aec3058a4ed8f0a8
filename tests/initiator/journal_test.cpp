// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "support/catch.hpp"

using namespace initiator;
using namespace std::chrono_literals;

namespace {

/// A file name of its own for each test, gone at its end.
class Log_file {
public:
    Log_file() {
        const auto name = "san-journal-" + std::to_string(::getpid()) + ".log";
        path = std::filesystem::temp_directory_path() / name;
        std::filesystem::remove(path);
    }
    explicit Log_file(const std::string& text) : Log_file() { std::ofstream{path} << text; }
    ~Log_file() { std::filesystem::remove(path); }

    std::string text() const {
        std::stringstream all;
        all << std::ifstream{path}.rdbuf();
        return all.str();
    }

    std::string path;
};

std::string complaint(const std::string& text) {
    const Log_file file{text};
    try {
        read_journal(file.path);
    } catch (const Journal_error& error) {
        const std::string what = error.what();
        return what.substr(what.find("': ") + 3);
    }
    return "none";
}

}  // namespace

TEST_CASE("journal: each event is in the file when the call returns") {
    const Log_file file;
    Journal journal{file.path, 0xabc, 4};
    journal.intend({0xabc, 9, 1}, 0xfeed, 12ms);
    CHECK(file.text() ==
          "run 0000000000000abc blocks 4\n"
          "intent 9 1 000000000000feed 12\n");

    journal.acknowledge({0xabc, 9, 1}, 0xfeed, 15ms);
    CHECK(file.text().ends_with("ack 9 1 000000000000feed 15\n"));
}

TEST_CASE("journal: reading gives the last acknowledged and the last intended write of a slot") {
    const Log_file file;
    Journal journal{file.path, 0xabc, 2};
    journal.intend({0xabc, 0, 0}, 10, 0ms);
    journal.acknowledge({0xabc, 0, 0}, 10, 1ms);
    journal.intend({0xabc, 1, 1}, 11, 2ms);
    journal.acknowledge({0xabc, 1, 1}, 11, 3ms);
    journal.intend({0xabc, 2, 0}, 12, 4ms);

    const auto run = read_journal(file.path);

    CHECK(run.run == 0xabc);
    CHECK(run.slots == 2);
    CHECK(run.acknowledged == 2);
    REQUIRE(run.written.size() == 2);
    CHECK((run.written.at(0) == Slot_record{Recorded_write{0, 10}, {2, 12}}));
    CHECK((run.written.at(1) == Slot_record{Recorded_write{1, 11}, {1, 11}}));
}

TEST_CASE("journal: a last line cut short by a kill is left out") {
    const Log_file file{"run abc blocks 2\nintent 0 0 a 0\nack 0 0 a"};

    const auto run = read_journal(file.path);

    CHECK(run.acknowledged == 0);
    CHECK(run.written.size() == 1);
}

TEST_CASE("journal: what cannot be right is refused with its place") {
    CHECK(complaint("").starts_with("holds no run"));
    CHECK(complaint("hello\n") == "line 1 is 'hello'; expected 'run ID blocks N'");
    CHECK(complaint("run abc blocks 2\nack 0 0 a\n") ==
          "line 2 is 'ack 0 0 a'; expected 'intent|ack SEQUENCE SLOT CHECKSUM MS'");
    CHECK(complaint("run abc blocks 2\nack 0 0 a 1\n") ==
          "line 2 is 'ack 0 0 a 1'; expected a slot of this run, intended before");
    CHECK(complaint("run abc blocks 2\nintent 2 2 a 1\n") ==
          "line 2 is 'intent 2 2 a 1'; expected a slot of this run, intended before");
}

TEST_CASE("journal: a second run into the same file is refused, an empty file is not") {
    const Log_file used{"run abc blocks 2\n"};
    CHECK_THROWS_AS((Journal{used.path, 1, 2}), Journal_error);
    CHECK(used.text() == "run abc blocks 2\n");

    const Log_file empty{""};
    CHECK_NOTHROW(Journal{empty.path, 1, 2});
}
