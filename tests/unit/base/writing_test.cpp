// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/writing.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("what a child has written is there for its parent, however long it is") {
    const Shared_text text;
    CHECK(text.read().empty());
    const std::string first(100000, 'a');
    const auto child = ::fork();
    if (child == 0) {
        text.write(first);
        text.write("b");
        ::_exit(0);
    }
    int status = 1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    CHECK(text.read() == first + "b");
    CHECK(text.read() == first + "b");
}

TEST_CASE("what cannot be written is told with its name") {
    const auto full = Fd::adopt(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(full);
    CHECK_THROWS_WITH(write_whole(full, "x", "the note"), ContainsSubstring("writing the note"));
}
