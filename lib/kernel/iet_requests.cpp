// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/iet_requests.hpp"

#include "base/text.hpp"

namespace san::iet {

namespace {

std::string option(const char* name, std::uint64_t number) {
    return std::string{"--"} + name + "=" + std::to_string(number);
}

std::string parameters(const std::vector<Parameter>& all) {
    std::vector<std::string> words;
    for (const auto& [name, value] : all) words.push_back(name + "=" + value);
    return "--params=" + text::joined(words, ",");
}

}  // namespace

Request make_target(std::uint32_t number, const std::string& name) {
    return {{"--op", "new", option("tid", number), parameters({{"Name", name}})}};
}

Request remove_target(std::uint32_t number) { return {{"--op", "delete", option("tid", number)}}; }

Request show_parameters(std::uint32_t target) { return {{"--op", "show", option("tid", target)}}; }

Request show_login_parameters(std::uint32_t target) {
    return {{"--op", "show", option("tid", target), option("sid", 0)}};
}

Request set_parameter(std::uint32_t target, const Parameter& parameter) {
    return {{"--op", "update", option("tid", target), parameters({parameter})}};
}

Request make_unit(std::uint32_t target, std::uint32_t unit, const std::vector<Parameter>& keys) {
    return {{"--op", "new", option("tid", target), option("lun", unit), parameters(keys)}};
}

Request remove_unit(std::uint32_t target, std::uint32_t unit) {
    return {{"--op", "delete", option("tid", target), option("lun", unit)}};
}

Request end_connection(std::uint32_t target, const Connection& connection) {
    return {{"--op", "delete", option("tid", target), option("sid", connection.session),
             option("cid", connection.number)}};
}

}  // namespace san::iet
