// SPDX-License-Identifier: GPL-2.0-or-later
// A file descriptor with one owner.
#pragma once

#include <unistd.h>
#include <utility>

namespace san {

class Fd {
public:
    Fd() = default;
    /// Takes over a descriptor the caller owned; it will be closed here.
    static Fd adopt(int raw) {
        Fd fd;
        fd.raw_ = raw;
        return fd;
    }

    Fd(Fd&& other) noexcept : raw_{std::exchange(other.raw_, -1)} {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            close();
            raw_ = std::exchange(other.raw_, -1);
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { close(); }

    int raw() const noexcept { return raw_; }
    explicit operator bool() const noexcept { return raw_ >= 0; }
    int release() noexcept { return std::exchange(raw_, -1); }
    void close() noexcept {
        if (raw_ >= 0) ::close(raw_);
        raw_ = -1;
    }

private:
    int raw_ = -1;
};

}  // namespace san
