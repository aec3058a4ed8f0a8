// SPDX-License-Identifier: GPL-2.0-or-later
// Other programs: every one is started from here, with an argument vector, never a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/deadline.hpp"

namespace san {

struct Outcome {
    int status = 0;  ///< exit status; 128 + signal when one ended it
    std::string out;
    std::string err;

    bool ok() const { return status == 0; }
    /// What the program complained about, on one line: stderr, else stdout, else its status.
    std::string complaint() const;
};

class Commands {
public:
    virtual ~Commands() = default;

    /// Whether the program is installed.
    virtual bool has(const std::string& program) const = 0;

    /// Runs a program to its end.
    ///
    /// Shape   argv[0] is a bare name, looked up in fixed directories, not in PATH; or, where an
    ///         administrator chose the program, an absolute path
    /// Errors  not_installed when it is missing, failed when the deadline passed (it is killed);
    ///         an exit status is never an error here
    virtual Outcome run(const std::vector<std::string>& argv, const Deadline& deadline,
                        std::string_view input = {}) = 0;

    /// As run, but a status other than 0 is an Error that carries the program's complaint.
    Outcome must(const std::vector<std::string>& argv, const Deadline& deadline,
                 std::string_view input = {});
};

/// The real thing. Children get the C locale, our environment otherwise, and no descriptor of ours.
class Programs final : public Commands {
public:
    bool has(const std::string& program) const override;
    Outcome run(const std::vector<std::string>& argv, const Deadline& deadline,
                std::string_view input) override;
};

}  // namespace san
