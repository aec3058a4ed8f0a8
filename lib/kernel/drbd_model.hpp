// SPDX-License-Identifier: GPL-2.0-or-later
// Resources, as messages about their parts build them up. A message carries the whole state of its
// part, so that it does not matter whether the part was known.
#pragma once

#include <string>
#include <vector>

#include "kernel/drbd_wire.hpp"

namespace san::drbd {

class Model {
public:
    explicit Model(const Wire& wire) : wire_{&wire} {}

    /// What a message of a dump or of a notification says of its part. One about nothing, or about
    /// something else, changes nothing.
    void set(const Notice& notice);
    /// The part is gone.
    void remove(const Notice& notice);
    void rename(const std::string& from, const std::string& to);
    void clear() { resources_.clear(); }

    const std::vector<Resource>& resources() const { return resources_; }

private:
    Resource& resource(const std::string& name);
    void set_connection(Resource& resource, const Notice& notice);
    void set_path(Resource& resource, const Notice& notice);
    void remove_from(Resource& resource, const Notice& notice);
    void settle(Resource& resource) const;

    const Wire* wire_;
    std::vector<Resource> resources_{};
};

}  // namespace san::drbd
