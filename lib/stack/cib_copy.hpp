// SPDX-License-Identifier: GPL-2.0-or-later
// A copy of one version of the CIB that can be changed, to be tried or to be written back.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tinyxml2 {
class XMLElement;
}

namespace san::stack {

/// A primitive or a template.
struct Agent_element {
    std::string id{};
    std::string agent_class{};
    std::string provider{};
    std::string type{};
    std::string made_by{};              ///< the template that it takes its agent from
    std::vector<std::string> within{};  ///< ids of the group and clone around it, outermost first
    bool is_template = false;
};

class Cib_copy {
public:
    /// Errors  failed when the text is no CIB
    explicit Cib_copy(const std::string& xml);
    ~Cib_copy();
    Cib_copy(Cib_copy&&) noexcept;

    std::vector<Agent_element> agents() const;
    /// Names and values of parameters, as nvpairs give them; by rules a name may have several.
    std::multimap<std::string, std::string> parameters(const std::string& id) const;

    /// Errors  failed when no primitive or template has that id
    std::string provider(const std::string& id) const;
    void set_provider(const std::string& id, const std::string& provider);

    /// A cluster property of whichever set.
    ///
    /// Errors  failed when several sets have it: which one is in force depends on rules
    std::optional<std::string> find_property(const std::string& name) const;
    /// Changes it where it is, else in the set of Pacemaker's tools. Nothing removes it.
    void set_property(const std::string& name, const std::optional<std::string>& value);

    /// The properties of a set of our own; nothing when there is no such set.
    std::optional<std::map<std::string, std::string>> find_set(const std::string& id) const;
    void place_set(const std::string& id, const std::map<std::string, std::string>& properties);
    void remove_set(const std::string& id);

    /// One section of the configuration: "resources" or "crm_config".
    std::string section(const char* name) const;
    std::string to_text() const;

private:
    tinyxml2::XMLElement* configuration(const char* section) const;
    tinyxml2::XMLElement* agent(const std::string& id) const;
    tinyxml2::XMLElement* property(const std::string& name) const;

    struct Parsed;
    std::unique_ptr<Parsed> parsed_;
};

}  // namespace san::stack
