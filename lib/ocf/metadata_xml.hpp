// SPDX-License-Identifier: GPL-2.0-or-later
// Metadata by tinyxml2: libsan-metadata, the only library of ours that links it.
#pragma once

#include <string>

namespace san::ocf {
class Agent;
}

extern "C" {

/// The door by which it is called when it was loaded late. The document is put into `text`.
[[gnu::visibility("default")]] void san_metadata_write(const san::ocf::Agent& agent,
                                                       std::string& text);
}
