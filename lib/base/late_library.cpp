// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/late_library.hpp"

#include <dlfcn.h>

namespace san {

namespace {

void* open(const std::string& name) {
    // Never unloaded: what it made lives as long as the process.
    constexpr int mode = RTLD_NOW | RTLD_LOCAL;
    // What is run where it was built finds by its run path what was built with it.
    if (auto* handle = ::dlopen(name.c_str(), mode)) return handle;
    return ::dlopen((SAN_LIBRARY_DIRECTORY "/" + name).c_str(), mode);
}

}  // namespace

Late_library::Late_library(const std::string& name) : handle_{open(name)} {
    if (!handle_) problem_ = ::dlerror();
}

void* Late_library::address_of(const char* symbol) {
    if (!handle_) return nullptr;
    auto* address = ::dlsym(handle_, symbol);
    if (!address) problem_ = ::dlerror();
    return address;
}

}  // namespace san
