// SPDX-License-Identifier: GPL-2.0-or-later
// The door of libsan-cib.so, the only part of ours that links libcib.
#pragma once

namespace san::cluster {
class Cluster;
}

/// The caller owns it.
extern "C" [[gnu::visibility("default")]] san::cluster::Cluster* san_cib_make();
