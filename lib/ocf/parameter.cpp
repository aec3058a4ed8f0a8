// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/parameter.hpp"

#include "ocf/agent.hpp"

namespace san::ocf {

Parameter_base::Parameter_base(Agent& agent, Declaration declaration, Content content)
    : declaration_{std::move(declaration)}, content_{content} {
    agent.adopt(*this);
}

Error Parameter_base::problem(const std::string& value, const Error& cause) const {
    return Error{cause.kind(), declaration_.name + "=" + text::quoted(value) + ": " + cause.what(),
                 cause.errnum()};
}

Error Parameter_base::missing() const {
    return Error{Kind::misconfigured, declaration_.name + "=\"\": expected a value (" +
                                          declaration_.brief + "), the parameter is not set"};
}

bool Reader<bool>::read(const std::string& value) { return text::is_true(value); }

int Reader<int>::read(const std::string& value) {
    if (const auto number = text::number<int>(value)) return *number;
    throw Error{Kind::misconfigured, "expected a whole number"};
}

std::uint32_t Reader<std::uint32_t>::read(const std::string& value) {
    if (const auto number = text::number<std::uint32_t>(value)) return *number;
    throw Error{Kind::misconfigured, "expected a whole number that is not negative"};
}

}  // namespace san::ocf
