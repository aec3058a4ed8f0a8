// SPDX-License-Identifier: GPL-2.0-or-later
// Libraries of ours that are loaded when they are used, so that other actions do not pay for what
// they bring.
#pragma once

#include <string>

namespace san {

class Late_library {
public:
    /// Loads a library of ours from where it is installed. That is no run path of an agent's,
    /// because the loader would look there for every other library first.
    explicit Late_library(const std::string& name);

    /// A function of the library; null when it, or the library, is not there.
    template <class Function>
    Function* find(const char* symbol) {
        return reinterpret_cast<Function*>(address_of(symbol));
    }
    /// Why the last step failed, in the loader's words.
    const std::string& problem() const { return problem_; }

private:
    void* address_of(const char* symbol);
    void* handle_ = nullptr;
    std::string problem_{};
};

}  // namespace san
