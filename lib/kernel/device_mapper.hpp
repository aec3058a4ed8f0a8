// SPDX-License-Identifier: GPL-2.0-or-later
// device-mapper's ioctls by libdevmapper: libsan-mapper, the only library of ours that links it.
#pragma once

#include <memory>

#include "kernel/mapper.hpp"

namespace san {

std::unique_ptr<Mapper> make_device_mapper();

}  // namespace san

extern "C" {

/// The door by which it is called when it was loaded late. The caller owns the result.
[[gnu::visibility("default")]] san::Mapper* san_mapper_make();
}
