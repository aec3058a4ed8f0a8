// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/tgt_requests.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace san::tgt {

namespace {

const std::string& without_comma(const std::string& value) {
    if (value.find(',') != std::string::npos)
        throw Error{Kind::misconfigured, text::quoted(value) + ": expected no comma, for tgtd"};
    return value;
}

Request show(Mode mode, std::int32_t target = every_target) {
    return {.mode = mode, .op = Op::show, .target = target};
}

Request of_list(Op op, std::int32_t target, const std::string& entry) {
    // One key in each: everything behind the first one is its value.
    return {.mode = Mode::target,
            .op = op,
            .target = target,
            .text = (is_name(entry) ? "initiator-name=" : "initiator-address=") + entry};
}

Request of_account(Op op, std::int32_t target, const std::string& user, bool outgoing) {
    return {.mode = Mode::account,
            .op = op,
            .target = target,
            .outgoing = outgoing,
            .text = "user=" + without_comma(user)};
}

Request of_portal(Op op, const std::string& portal) {
    return {.mode = Mode::portal, .op = op, .text = "portalOps portal=" + portal + ","};
}

}  // namespace

bool is_name(const std::string& entry) {
    return entry.starts_with("iqn.") || entry.starts_with("eui.") || entry.starts_with("naa.");
}

Request show_targets() { return show(Mode::target); }

Request make_target(std::int32_t number, const std::string& name) {
    return {.mode = Mode::target, .op = Op::make, .target = number, .text = "targetname=" + name};
}

Request remove_target(std::int32_t number, bool by_force) {
    return {.mode = Mode::target, .op = Op::remove, .target = number, .by_force = by_force};
}

Request show_parameters(std::int32_t target) { return show(Mode::target, target); }

Request set_parameter(std::int32_t target, const Parameter& parameter) {
    return {.mode = Mode::target,
            .op = Op::update,
            .target = target,
            .text = parameter.name + "=" + parameter.value};
}

Request admit(std::int32_t target, const std::string& entry) {
    return of_list(Op::bind, target, entry);
}
Request exclude(std::int32_t target, const std::string& entry) {
    return of_list(Op::unbind, target, entry);
}

Request make_unit(std::int32_t target, std::uint64_t unit, const std::vector<Parameter>& keys,
                  std::uint32_t device_type) {
    std::vector<std::string> words;
    for (const auto& key : keys) words.push_back(key.name + "=" + without_comma(key.value));
    return {.mode = Mode::device,
            .op = Op::make,
            .target = target,
            .unit = unit,
            .device_type = device_type,
            .text = text::joined(words, ",")};
}

Request set_unit(std::int32_t target, std::uint64_t unit, const std::vector<Parameter>& keys) {
    std::string words = "targetOps ";
    for (const auto& key : keys) words += key.name + "=" + without_comma(key.value) + ",";
    return {.mode = Mode::device, .op = Op::update, .target = target, .unit = unit, .text = words};
}

Request remove_unit(std::int32_t target, std::uint64_t unit) {
    return {.mode = Mode::device, .op = Op::remove, .target = target, .unit = unit};
}

Request show_accounts() { return show(Mode::account); }

Request make_account(const std::string& user, const Secret& password) {
    if (password.reveal().find(',') != std::string::npos)
        throw Error{Kind::misconfigured,
                    "the password of " + text::quoted(user) + ": expected no comma, for tgtd"};
    return {.mode = Mode::account,
            .op = Op::make,
            .text = "user=" + without_comma(user) + ",password=" + password.reveal()};
}

Request remove_account(const std::string& user) {
    return of_account(Op::remove, every_target, user, false);
}
Request bind_account(std::int32_t target, const std::string& user, bool outgoing) {
    return of_account(Op::bind, target, user, outgoing);
}
Request unbind_account(std::int32_t target, const std::string& user, bool outgoing) {
    return of_account(Op::unbind, target, user, outgoing);
}

Request show_portals() { return show(Mode::portal); }
Request make_portal(const std::string& portal) { return of_portal(Op::make, portal); }
Request remove_portal(const std::string& portal) { return of_portal(Op::remove, portal); }

Request end_connection(std::int32_t target, const Connection& connection) {
    return {.mode = Mode::connection,
            .op = Op::remove,
            .target = target,
            .session = connection.session,
            .connection = connection.number};
}

Request show_system() { return show(Mode::system); }

}  // namespace san::tgt
