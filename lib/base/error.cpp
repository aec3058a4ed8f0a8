// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace san {

Error::Error(Kind kind, std::string text, int errnum, std::source_location where)
    : kind_{kind}, text_{std::move(text)}, errnum_{errnum}, where_{where} {}

Error& Error::within(std::string_view context) {
    text_ = std::string{context} + ": " + text_;
    return *this;
}

Error& Error::also(std::string_view text) {
    text_ += "; also: ";
    text_ += text;
    return *this;
}

Error system_error(std::string text, int errnum, std::source_location where) {
    const auto kind = errnum == EPERM || errnum == EACCES ? Kind::not_permitted : Kind::failed;
    return Error{kind, std::move(text) + ": " + std::strerror(errnum), errnum, where};
}

}  // namespace san
