// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/check_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tinyxml2.h>

#include "base/text.hpp"
#include "san_version.hpp"

namespace san::stack {

namespace {

// Of the XML and the JSON: raised when something that was there changes its meaning.
constexpr int format = 1;

std::size_t count(const Findings& findings, Severity severity) {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& each) { return each.severity == severity; }));
}

/// Names in a configuration come from anybody: none may move the cursor.
std::string plain(std::string text) {
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

std::string coloured(Severity severity, bool colour) {
    const std::string word = to_text(severity);
    if (!colour) return word;
    const auto* code = severity == Severity::error     ? "31"
                       : severity == Severity::warning ? "33"
                                                       : "36";
    return std::string{"\033[1;"} + code + "m" + word + "\033[0m";
}

std::string counted(std::size_t number, const std::string& thing) {
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace

int status_of(const Findings& findings) {
    if (count(findings, Severity::error) > 0) return 2;
    return count(findings, Severity::warning) > 0 ? 1 : 0;
}

std::string as_text(const Report& report, bool colour) {
    std::string text;
    for (const auto& each : report.findings) {
        text += coloured(each.severity, colour) + ": " + plain(each.subject) + ": " +
                plain(each.reason) + " [" + each.rule + "]\n";
        if (!each.mend.empty()) text += "    mend: " + plain(each.mend) + "\n";
    }
    if (!report.findings.empty()) text += "\n";
    text += counted(count(report.findings, Severity::error), "error") + ", " +
            counted(count(report.findings, Severity::warning), "warning") + ", " +
            counted(count(report.findings, Severity::note), "note") + " by " +
            counted(report.rules, "rule") + ".\n";
    for (const auto& source : report.sources)
        text += (source.is_read ? "looked at " : "not looked at: ") + plain(source.name) + ": " +
                plain(source.from) + "\n";
    return text;
}

std::string as_xml(const Report& report) {
    tinyxml2::XMLPrinter printer;
    printer.OpenElement("san-check");
    printer.PushAttribute("format", format);
    printer.PushAttribute("version", version);
    for (const auto& source : report.sources) {
        printer.OpenElement("source");
        printer.PushAttribute("name", source.name.c_str());
        printer.PushAttribute("read", source.is_read);
        printer.PushAttribute("from", source.from.c_str());
        printer.CloseElement();
    }
    for (const auto& each : report.findings) {
        printer.OpenElement("finding");
        printer.PushAttribute("rule", each.rule.c_str());
        printer.PushAttribute("severity", to_text(each.severity));
        printer.PushAttribute("subject", each.subject.c_str());
        for (const auto& [name, text] : {std::pair{"reason", &each.reason}, {"mend", &each.mend}}) {
            if (text->empty()) continue;
            printer.OpenElement(name);
            printer.PushText(text->c_str());
            printer.CloseElement();
        }
        printer.CloseElement();
    }
    printer.CloseElement();
    return printer.CStr();
}

std::string as_json(const Report& report) {
    using Json = nlohmann::ordered_json;
    Json sources = Json::array(), findings = Json::array();
    for (const auto& source : report.sources)
        sources.push_back({{"name", source.name}, {"read", source.is_read}, {"from", source.from}});
    for (const auto& each : report.findings)
        findings.push_back({{"rule", each.rule},
                            {"severity", to_text(each.severity)},
                            {"subject", each.subject},
                            {"reason", each.reason},
                            {"mend", each.mend}});
    const Json all{
        {"format", format}, {"version", version}, {"sources", sources}, {"findings", findings}};
    // Names in a configuration may be no UTF-8.
    return all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace san::stack
