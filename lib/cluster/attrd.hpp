// SPDX-License-Identifier: GPL-2.0-or-later
// The door of libsan-cluster, the only library of ours that links Pacemaker's. It is loaded at the
// first call, so that other actions do not pay for Pacemaker's libraries.
#pragma once

extern "C" {

/// Sets a transient attribute of a node, or removes it when value is null; of this node when node
/// is null. A dampening, in seconds, is kept with the attribute; null leaves it as it is.
///
/// Returns null when pacemaker-attrd has taken it, else why not, in Pacemaker's words
[[gnu::visibility("default")]] const char* san_cluster_set_attribute(const char* node,
                                                                     const char* name,
                                                                     const char* value,
                                                                     const char* dampening);
}
