// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/mapper.hpp"

#include "base/error.hpp"
#include "base/late_library.hpp"
#include "kernel/device_mapper.hpp"
#include "kernel/mapper_status.hpp"

namespace san {

namespace {

std::unique_ptr<Mapper> load() {
    Late_library library{"libsan-mapper.so.0"};
    const auto door = library.find<decltype(san_mapper_make)>("san_mapper_make");
    if (!door) throw Error{Kind::not_installed, "loading libsan-mapper: " + library.problem()};
    return std::unique_ptr<Mapper>{door()};
}

class Late_mapper final : public Mapper {
public:
    std::vector<Mapped_device> devices() override { return mapper().devices(); }
    std::optional<std::vector<Mapping>> find_status(const Device_number& number) override {
        return mapped_status(number);
    }
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
