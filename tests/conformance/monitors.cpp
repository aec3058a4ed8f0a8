// SPDX-License-Identifier: GPL-2.0-or-later
// What many monitors leave behind, in a process that goes on and on the trees of the fakes.
// SAN_MONITORS=8640 is a day's, at one in ten seconds.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <map>

#include "base/text.hpp"
#include "conformance/stage.hpp"
#include "support/catch.hpp"

using namespace san;
using test::Stage;

namespace {

namespace fs = std::filesystem;

int monitors() {
    const auto* given = std::getenv("SAN_MONITORS");
    return given ? text::number<int>(given).value_or(0) : 1000;
}

std::size_t descriptors() {
    const fs::directory_iterator open{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

/// Every file of the node, with its content.
std::map<std::string, std::string> files(const test::Node& node) {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator{node.root.path()}) {
        auto& content = found[entry.path()];
        if (!entry.is_regular_file()) continue;
        std::ifstream in{entry.path(), std::ios::binary};
        content.assign(std::istreambuf_iterator<char>{in}, {});
    }
    return found;
}

/// Bytes of the heap in use, but for what the fakes have written down for tests.
std::size_t memory(test::Node& node) {
    node.commands.asked = {};
    node.attributes.asked = {};
    return ::mallinfo2().uordblks;
}

}  // namespace

TEST_CASE("as many monitors as somebody wants leave no file, no descriptor and no memory behind") {
    Stage stage;
    REQUIRE(stage.act("start") == 0);
    // What is made once, such as tables of words, is there after the first; the allocator takes
    // some more to fill what it keeps for itself.
    for (int once = 0; once < 100; ++once) REQUIRE(stage.monitor() == 0);
    const auto files_before = files(stage.node);
    const auto kernel_before = stage.node.configfs.everything();
    const auto open_before = descriptors();
    const auto memory_before = memory(stage.node);
    int good = 0;
    for (int left = monitors(); left > 0; --left) good += stage.monitor() == 0;
    const auto memory_after = memory(stage.node);
    CHECK(good == monitors());
    // The smallest thing that each could leave takes more.
    constexpr std::size_t less_than_anything = 8;
    CHECK(memory_after < memory_before + static_cast<std::size_t>(monitors()) * less_than_anything);
    CHECK(descriptors() == open_before);
    CHECK(stage.node.configfs.everything() == kernel_before);
    CHECK(files(stage.node) == files_before);
}
