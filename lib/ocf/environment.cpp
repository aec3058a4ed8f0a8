// SPDX-License-Identifier: GPL-2.0-or-later
#include "ocf/environment.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "base/process.hpp"
#include "base/text.hpp"

namespace san::ocf {

namespace {

using namespace std::chrono_literals;

const std::string reskey = "OCF_RESKEY_";
const std::string meta_prefix = "CRM_meta_";

// Called by hand there is no timeout; ocf-tester and `crm_resource --force-*` pass 20 s.
constexpr auto default_timeout = 20s;

}  // namespace

Environment Environment::own() { return Environment{own_variables()}; }

std::optional<std::string> Environment::find(const std::string& variable) const {
    const auto found = variables_.find(variable);
    if (found == variables_.end()) return {};
    return found->second;
}

std::optional<std::string> Environment::parameter(const std::string& name) const {
    return find(reskey + name);
}

std::optional<std::string> Environment::meta(const std::string& name) const {
    return find(reskey + meta_prefix + name);
}

std::vector<std::string> Environment::meta_words(const std::string& name) const {
    return text::words(meta(name).value_or(""));
}

std::vector<std::string> Environment::meta_words(const std::string& name,
                                                 const std::string& legacy) const {
    return meta_words(meta(name) ? name : legacy);
}

std::vector<std::string> Environment::parameter_names() const {
    std::vector<std::string> names;
    for (const auto& [variable, value] : variables_) {
        if (!variable.starts_with(reskey)) continue;
        auto name = variable.substr(reskey.size());
        // The executor adds these two to every resource.
        if (name.starts_with(meta_prefix) || name == "crm_feature_set") continue;
        names.push_back(std::move(name));
    }
    return names;
}

std::string Environment::instance() const {
    const auto id = find("OCF_RESOURCE_INSTANCE");
    return id && !id->empty() ? *id : "default";
}

std::filesystem::path Environment::state_directory() const {
    return find("HA_RSCTMP").value_or("/run/resource-agents");
}

std::filesystem::path Environment::state_file(std::string name) const {
    std::replace(name.begin(), name.end(), '/', '_');
    return state_directory() / name;
}

std::string Environment::node() const {
    if (const auto name = meta("on_node"); name && !name->empty()) return *name;
    return host_name();
}

std::chrono::milliseconds Environment::time_allowed() const {
    const auto given = text::number<long>(meta("timeout").value_or(""));
    const std::chrono::milliseconds timeout =
        given && *given > 0 ? std::chrono::milliseconds{*given} : default_timeout;
    // A tenth, between a quarter of a second and two seconds, is left for the exit reason.
    return timeout - std::clamp<std::chrono::milliseconds>(timeout / 10, 250ms, 2000ms);
}

bool Environment::is_promotable() const {
    const auto most = [&](const char* name) {
        return text::number<int>(meta(name).value_or("0")).value_or(0);
    };
    return meta("promotable") == "true" || most("promoted_max") > 0 || most("master_max") > 0;
}

bool Environment::is_probe() const {
    return text::number<long>(meta("interval").value_or("0")).value_or(0) == 0;
}

int Environment::check_level() const {
    return text::number<int>(find("OCF_CHECK_LEVEL").value_or("")).value_or(0);
}

}  // namespace san::ocf
