// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mapper.hpp"

#include <dlfcn.h>

#include "base/error.hpp"
#include "kernel/device_mapper.hpp"

namespace san {

namespace {

std::unique_ptr<Mapper> load() {
    // Beside this library; by its bare name it is found through our run path.
    auto* library = ::dlopen("libsan-mapper.so.0", RTLD_NOW | RTLD_LOCAL);
    auto* door = library ? ::dlsym(library, "san_mapper_make") : nullptr;
    if (!door)
        throw Error{Kind::not_installed, std::string{"loading libsan-mapper: "} + ::dlerror()};
    return std::unique_ptr<Mapper>{reinterpret_cast<decltype(&san_mapper_make)>(door)()};
}

class Late_mapper final : public Mapper {
public:
    std::vector<Mapped_device> devices() override { return mapper().devices(); }
    Change remove(const std::string& name) override { return mapper().remove(name); }

private:
    Mapper& mapper() {
        if (!mapper_) mapper_ = load();
        return *mapper_;
    }
    std::unique_ptr<Mapper> mapper_;
};

}  // namespace

std::unique_ptr<Mapper> make_mapper() { return std::make_unique<Late_mapper>(); }

}  // namespace san
