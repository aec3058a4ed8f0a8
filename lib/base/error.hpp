// SPDX-License-Identifier: GPL-2.0-or-later
// Failures. One exception type for all layers; only ocf::run turns one into an exit code.
#pragma once

#include <exception>
#include <source_location>
#include <string>
#include <string_view>

namespace san {

/// What a failure means to whoever must repair it. ocf::exit_code maps each to one OCF code.
enum class Kind {
    misconfigured,       ///< no node can run this: the configuration itself is wrong
    wrong_on_this_node,  ///< another node might succeed
    not_installed,       ///< a program or kernel feature is missing here
    not_permitted,       ///< privileges are missing
    failed,              ///< anything else; may be tried again
};

class Error : public std::exception {
public:
    explicit Error(Kind kind, std::string text, int errnum = 0,
                   std::source_location where = std::source_location::current());

    Kind kind() const noexcept { return kind_; }
    int errnum() const noexcept { return errnum_; }
    const std::source_location& where() const noexcept { return where_; }
    const char* what() const noexcept override { return text_.c_str(); }

    /// Puts what was being done in front of the text: "adding portal 10.0.0.7:3260: ...".
    Error& within(std::string_view context);

    /// Attaches a second failure, met while dealing with the first.
    Error& also(std::string_view text);

private:
    Kind kind_;
    std::string text_;
    int errnum_;
    std::source_location where_;
};

/// A failed system call: the text ends in the errno's own words. EPERM and EACCES are
/// not_permitted, everything else failed.
[[nodiscard]] Error system_error(std::string text, int errnum,
                                 std::source_location where = std::source_location::current());

}  // namespace san
