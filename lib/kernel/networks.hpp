// SPDX-License-Identifier: GPL-2.0-or-later
// Network namespaces with names, as ip-netns(8) makes them.
#pragma once

#include <memory>
#include <string>

namespace san {

class Networks {
public:
    virtual ~Networks() = default;
    /// Makes this process use another network from now on; sockets that are open stay where they
    /// are. False when there is no namespace of that name. Errors: failed or not_permitted
    virtual bool enter(const std::string& name) = 0;
};

std::unique_ptr<Networks> make_networks();

}  // namespace san
