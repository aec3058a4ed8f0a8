// SPDX-License-Identifier: GPL-2.0-or-later
// A password: printed as stars, compared and written only by whoever asks for it by name.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace san {

class Secret {
public:
    explicit Secret(std::string text) : text_{std::move(text)} {}
    /// Takes everything: a parser's complaint would carry the value into the exit reason.
    static Secret parse(std::string_view text) { return Secret{std::string{text}}; }

    const std::string& reveal() const { return text_; }

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "****"; }

private:
    std::string text_;
};

}  // namespace san
