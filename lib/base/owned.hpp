// SPDX-License-Identifier: GPL-2.0-or-later
// C objects with a free function, owned.
#pragma once

#include <memory>

namespace san {

template <auto Free>
struct Freed_by {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

/// Owned<rtnl_addr, rtnl_addr_put> frees itself.
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed_by<Free>>;

}  // namespace san
