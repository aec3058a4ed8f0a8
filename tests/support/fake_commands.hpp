// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that are not run: scripted replies, and a record of what was asked.
#pragma once

#include <functional>
#include <list>
#include <set>

#include "base/background.hpp"
#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace san::test {

class Fake_commands final : public Commands {
public:
    class Reply {
    public:
        Reply& exits(int status) {
            outcome.status = status;
            return *this;
        }
        Reply& prints(std::string text) {
            outcome.out = std::move(text);
            return *this;
        }
        Reply& complains(std::string text) {
            outcome.err = std::move(text);
            return *this;
        }
        /// What the program does to the fake kernel.
        Reply& does(std::function<void()> act) {
            effect = std::move(act);
            return *this;
        }

        std::vector<std::string> beginning;
        Outcome outcome;
        std::function<void()> effect = [] {};
    };

    /// The reply to every call whose first words are these; a later one goes before an earlier.
    Reply& on(std::vector<std::string> beginning) {
        replies_.emplace_front().beginning = std::move(beginning);
        return replies_.front();
    }
    void uninstall(const std::string& program) { missing_.insert(program); }

    bool has(const std::string& program) const override { return !missing_.contains(program); }

    Outcome run(const std::vector<std::string>& argv, const Deadline&,
                std::string_view input) override {
        asked.push_back(text::joined(argv, " "));
        inputs.emplace_back(input);
        if (!has(argv.front()))
            throw Error{Kind::not_installed, "program " + argv.front() + " is not installed"};
        for (auto& reply : replies_) {
            if (reply.beginning.size() > argv.size() ||
                !std::equal(reply.beginning.begin(), reply.beginning.end(), argv.begin()))
                continue;
            reply.effect();
            return reply.outcome;
        }
        // Not an Error: no code under test may catch it.
        throw std::logic_error{"the test has no reply for: " + asked.back()};
    }

    std::vector<std::string> asked;
    std::vector<std::string> inputs;  ///< what each of those was given to read

private:
    std::list<Reply> replies_;
    std::set<std::string> missing_;
};

/// Runs the work here, so that what it does to fakes is seen.
class Inline final : public Bounded {
public:
    using Bounded::run;
    Change run(const Deadline&, const Work& work, const Nudge&) override {
        before();
        return work([this](std::string_view step) { steps.emplace_back(step); });
    }
    std::vector<std::string> steps;
    std::function<void()> before = [] {};  ///< what others do meanwhile
};

/// Does at once what would go on in the background.
class Now final : public Background {
public:
    using Background::run;
    void run(const Work& work, std::optional<int>) override {
        try {
            work();
        } catch (const std::exception&) {
            // As in a process of its own, nobody hears of it.
        }
    }
};

}  // namespace san::test
