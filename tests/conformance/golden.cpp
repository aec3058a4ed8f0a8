// SPDX-License-Identifier: GPL-2.0-or-later
// What an agent says of itself is kept in tests/data, so that a change of a declaration is a
// visible change in review. SAN_UPDATE_GOLDEN=1 writes the files anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ocf/agent.hpp"
#include "ocf/manual.hpp"
#include "ocf/metadata.hpp"
#include "support/catch.hpp"
#include "support/source_directory.hpp"

using namespace san;

namespace {

void compare(const std::string& name, const std::string& said) {
    const auto path = test::source_directory() + "/tests/data/agents/" + name;
    if (std::getenv("SAN_UPDATE_GOLDEN") != nullptr) std::ofstream{path} << said;
    std::ostringstream kept;
    kept << std::ifstream{path}.rdbuf();
    INFO(path << "; SAN_UPDATE_GOLDEN=1 accepts the new text");
    CHECK(said == kept.str());
}

}  // namespace

TEST_CASE("metadata, manual page and help are what was reviewed") {
    const auto agent = ocf::this_agent();
    const auto& name = agent->description().name;
    compare(name + ".xml", ocf::metadata(*agent));
    compare(name + ".7", ocf::manual_page(*agent));
    compare(name + ".txt", ocf::help(*agent));
}
