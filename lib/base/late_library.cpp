// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/late_library.hpp"

#include <dlfcn.h>
#include <filesystem>

namespace san {

namespace {

std::filesystem::path own_directory() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&own_directory), &info) == 0) return {};
    return std::filesystem::path{info.dli_fname}.parent_path();
}

}  // namespace

Late_library::Late_library(const std::string& name)
    // Never unloaded: what it made lives as long as the process.
    : handle_{::dlopen((own_directory() / name).c_str(), RTLD_NOW | RTLD_LOCAL)} {
    if (!handle_) problem_ = ::dlerror();
}

void* Late_library::address_of(const char* symbol) {
    if (!handle_) return nullptr;
    auto* address = ::dlsym(handle_, symbol);
    if (!address) problem_ = ::dlerror();
    return address;
}

}  // namespace san
