// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/manual.hpp"

#include <algorithm>
#include <sstream>

#include "ocf/agent.hpp"
#include "san_version.hpp"

namespace san::ocf {

namespace {

std::vector<std::string> all_actions(const Agent& agent) {
    std::vector<std::string> names;
    for (const auto& action : agent.description().actions)
        if (names.empty() || std::find(names.begin(), names.end(), action.name) == names.end())
            names.push_back(action.name);
    names.emplace_back("meta-data");
    names.emplace_back("validate-all");
    return names;
}

std::string remark(const Declaration& declaration) {
    std::vector<std::string> parts;
    if (declaration.required) parts.emplace_back("required");
    if (declaration.unique) parts.emplace_back("unique");
    if (declaration.fallback) parts.push_back("default " + text::quoted(*declaration.fallback));
    return parts.empty() ? std::string{"optional"} : text::joined(parts, ", ");
}

}  // namespace

std::string roff(const std::string& text) {
    std::string result;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) result += "\\&";
        if (c == '\\')
            result += "\\e";
        else if (c == '-')
            result += "\\-";
        else
            result += c;
        line_start = c == '\n';
    }
    return result;
}

std::string action_names(const Agent& agent) { return text::joined(all_actions(agent), ", "); }

std::string manual_page(const Agent& agent) {
    const auto& about = agent.description();
    std::ostringstream page;
    page << ".TH OCF_SAN_" << about.name << " 7 \"\" \"san-agents " << version
         << "\" \"OCF resource agents\"\n"
         << ".SH NAME\nocf_san_" << about.name << " \\- " << roff(about.brief) << '\n'
         << ".SH SYNOPSIS\n.B ocf:san:" << about.name << "\n["
         << roff(text::joined(all_actions(agent), " | ")) << "]\n"
         << ".SH DESCRIPTION\n"
         << roff(about.text) << '\n'
         << ".SH PARAMETERS\n";
    for (const auto* parameter : agent.parameters()) {
        const auto& declaration = parameter->declaration();
        page << ".TP\n.B " << roff(declaration.name) << "\n"
             << roff(declaration.text) << " (" << roff(remark(declaration)) << ")\n";
    }
    page << ".SH ACTIONS\n";
    for (const auto& action : about.actions) {
        page << ".TP\n.B " << roff(action.name);
        if (!action.role.empty()) page << " (" << action.role << ')';
        if (action.depth != 0) page << " (OCF_CHECK_LEVEL=" << action.depth << ')';
        page << "\ntimeout " << action.timeout.count() << "s";
        if (action.interval.count() != 0) page << ", interval " << action.interval.count() << "s";
        page << '\n';
    }
    if (*about.example != '\0') page << ".SH EXAMPLE\n.nf\n" << roff(about.example) << "\n.fi\n";
    page << ".SH SEE ALSO\n.BR crm (8),\n.BR pcs (8),\n.BR crm_resource (8)\n";
    return page.str();
}

std::string help(const Agent& agent) {
    const auto& about = agent.description();
    std::ostringstream text;
    text << about.brief << "\n\nocf:san:" << about.name
         << " is run by the cluster; parameters arrive as OCF_RESKEY_<name>.\nactions: "
         << action_names(agent) << "\n\nparameters:\n";
    for (const auto* parameter : agent.parameters()) {
        const auto& declaration = parameter->declaration();
        text << "  " << declaration.name << "  (" << remark(declaration) << ")\n      "
             << declaration.brief << '\n';
    }
    return text.str();
}

}  // namespace san::ocf
