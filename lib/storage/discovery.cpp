// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/discovery.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "storage/lio.hpp"

namespace san::discovery {

namespace {

constexpr auto subject = "discovery";
const auto place = lio::fabric / "discovery_auth";

bool is_enforced(const Configfs& configfs) {
    return configfs.find(place / "enforce_discovery_auth") == "1";
}

bool is_alone(const Iscsi_name& target, const Configfs& configfs) {
    for (const auto& name : configfs.find_entries(lio::fabric).value_or(std::vector<std::string>{}))
        if (name != target.to_text() && name != place.filename()) return false;
    return true;
}

Tree tree(const Chap_account& account) {
    Tree tree{subject};
    // As they are: the kernel would keep a newline (6.1).
    tree.value(place / "userid", account.user, "CHAP user of discovery");
    tree.value(place / "password", account.password.reveal(), "CHAP password of discovery")
        .step.secret = true;
    tree.value(place / "enforce_discovery_auth", "1", "authentication of discovery");
    return tree;
}

void refuse_conflict(const Chap_account& account, const Configfs& configfs) {
    const auto user = configfs.find(place / "userid").value_or("");
    if (user != account.user)
        throw Error{Kind::wrong_on_this_node, "discovery_username=" + text::quoted(account.user) +
                                                  ": expected " + user +
                                                  ", which this node's other targets have"};
    if (configfs.find(place / "password") != account.password.reveal())
        throw Error{Kind::wrong_on_this_node,
                    "discovery_password: expected the one that this node's other targets have"};
}

}  // namespace

void check(const Chap_account& account) { chap::check(account, "discovery"); }

Change start(const Chap_account& account, const Iscsi_name& target, Configfs& configfs,
             Bounded& bounded, const Deadline& deadline) {
    if (is_enforced(configfs) && !is_alone(target, configfs)) refuse_conflict(account, configfs);
    const auto wanted = tree(account);
    return build(wanted.plan(wanted.observe(configfs)), configfs, bounded, deadline);
}

Change stop(const Iscsi_name& target, Configfs& configfs, Bounded& bounded,
            const Deadline& deadline) {
    if (!is_enforced(configfs) || !is_alone(target, configfs)) return Change::none;
    using enum Step::Act;
    Plan plan{.subject = subject};
    for (const auto* file : {"password", "userid"})
        plan.steps.push_back({.act = write,
                              .at = place / file,
                              .name = std::string{"CHAP "} + file + " of discovery",
                              .content = "NULL"});
    // Last: a stop that is killed before it is done again.
    plan.steps.push_back({.act = write,
                          .at = place / "enforce_discovery_auth",
                          .name = "authentication of discovery",
                          .content = "0"});
    return take_down(
        plan.subject, [&] { return plan; }, configfs, bounded, deadline);
}

std::vector<std::string> faults(const Chap_account& account, const Configfs& configfs) {
    return tree(account).faults(configfs);
}

}  // namespace san::discovery
