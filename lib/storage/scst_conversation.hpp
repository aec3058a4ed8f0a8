// SPDX-License-Identifier: GPL-2.0-or-later
// A talk with SCST that has one deadline. What a command came to is decided by the tree: the result
// that SCST shows can be another writer's, and a command that was queued by a process that is dead
// may be done at any moment.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bounded.hpp"
#include "base/change.hpp"
#include "base/deadline.hpp"
#include "base/error.hpp"
#include "kernel/scst.hpp"

namespace san {

class Scst_conversation {
public:
    using Path = Scst_tree::Path;

    /// `subject`: "target iqn...", which begins what is logged and what is thrown. `progress`: of
    /// the child that this runs in; needed by whoever changes something.
    Scst_conversation(Scst_tree& tree, const Deadline& deadline, std::string subject,
                      Bounded::Progress progress = {})
        : tree_{&tree},
          deadline_{deadline},
          subject_{std::move(subject)},
          progress_{std::move(progress)} {}

    /// Nothing when it is absent. Errors: failed
    std::optional<std::string> find(const Path& attribute) const;
    bool has(const Path& entry) const { return tree_->has(entry); }
    std::optional<Path> find_link(const Path& link) const { return tree_->find_link(link); }
    /// The objects in a directory, without the file that takes commands.
    std::vector<std::string> objects(const Path& directory) const;

    /// Before the first look: what was asked for by somebody who is dead is done first, or else it
    /// would be done after us. One that takes too long, that of another resource whose device does
    /// not answer, must not hold this one: after a third of the time it goes on.
    void settle() const;

    struct Command {
        Path at;
        std::string data;  ///< can have a secret in it
        std::string deed;  ///< "LUN 1 added"
        std::function<bool()> is_so;
        std::string waits_for{};  ///< for whoever has to wait, if the deed does not say it
    };
    /// Does nothing where it is so already, be it by a command of somebody who died. Never writes
    /// twice.
    ///
    /// Errors  failed with the errno when it is not so afterwards
    Change make_so(const Command& command) const;
    /// An attribute that is to have a value, as SCST shows it.
    Change set(const Path& attribute, const std::string& value, const std::string& deed) const;
    /// Asks for what is done at once or later, and needs no queue. False: it is absent.
    bool ask(const Path& attribute, const std::string& data) const;

    /// Says what is waited for, for a moment. Errors: failed at the deadline
    void wait(const std::string& step) const;
    void step(const std::string& text) const;
    Error failed(const std::string& text, int errnum = 0) const;

    const Deadline& deadline() const { return deadline_; }
    const std::string& subject() const { return subject_; }

private:
    Scst_tree* tree_;
    Deadline deadline_;
    std::string subject_;
    Bounded::Progress progress_;
};

}  // namespace san
