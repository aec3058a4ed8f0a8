// SPDX-License-Identifier: GPL-2.0-or-later
// MailTo: tells people that a group of resources comes to a node or leaves it.
//
// "running" means that it was started on this node since the last boot. The mail is sent once per
// change, in the background; what becomes of it changes nothing for the cluster.

#include <array>
#include <ctime>

#include "base/command.hpp"
#include "base/error.hpp"
#include "cluster/mail.hpp"
#include "ocf/agent.hpp"
#include "ocf/pseudo_state.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// As date(1) prints it.
std::string now() {
    const auto time = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&time, &parts);
    std::array<char, 64> text{};
    return {text.data(),
            std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Z %Y", &parts)};
}

class MailTo final : public ocf::Agent {
    ocf::Parameter<Recipients> email{
        *this,
        {.name = "email",
         .brief = "Recipients",
         .text = "The mail addresses of those who are told, separated by commas.",
         .required = true}};
    ocf::Parameter<Mail_subject> subject{
        *this,
        {.name = "subject",
         .brief = "Beginning of the subject",
         .text = "The words with which the subject begins. What happens, when and where follows.",
         .fallback = Mail_subject::usual}};

    ocf::Pseudo_state state(System& node) const {
        return {environment(), node.files, "MailTo_" + instance()};
    }

    void tell(const std::string& event, const std::string& where, System& node) const {
        const auto headline =
            subject().to_text() + " " + event + " at " + now() + " " + where + " " + node.name;
        mail::send(
            {.to = email(),
             .subject = headline,
             .body = headline + "\n\nNode: " + node.name + "\nResource: " + instance() + "\n"},
            node);
    }

public:
    MailTo()
        : ocf::Agent{{
              .name = "MailTo",
              .brief = "Sends mail when resources move",
              .text =
                  "Put into a group, it sends mail when the group is started on a node and when "
                  "it is stopped there. A mail system that is slow or down delays nothing and "
                  "makes nothing fail.",
              .actions = {{.name = "start", .timeout = 10s},
                          {.name = "stop", .timeout = 10s},
                          {.name = "status", .timeout = 10s},
                          {.name = "monitor", .timeout = 10s, .interval = 10s}},
              .example = "primitive p_mail ocf:san:MailTo params email=admin@example.org \\\n"
                         "    op monitor interval=10s timeout=10s",
          }} {}

    void check(System& node) const override {
        if (!node.commands.has(mail::program))
            throw Error{Kind::not_installed,
                        std::string{mail::program} + " is not installed (a mail system has it)"};
    }

    Change start(System& node) override {
        const auto change = state(node).set();
        if (change == Change::made) tell("Takeover in progress", "on", node);
        return change;
    }

    Change stop(System& node) override {
        // First, so that a bad parameter is an omitted mail and no failed stop.
        const auto change = state(node).clear();
        if (change == Change::made) tell("Migrating resource away", "from", node);
        return change;
    }

    ocf::State monitor(System& node) override {
        return state(node).is_set() ? ocf::State::running : ocf::State::stopped;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<MailTo>(); }
