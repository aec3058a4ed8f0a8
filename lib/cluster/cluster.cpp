// SPDX-License-Identifier: GPL-2.0-or-later
#include "cluster/cluster.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/error.hpp"
#include "base/late_library.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cluster/cib_door.hpp"

namespace san::cluster {

namespace {

using namespace std::chrono_literals;

/// CRM_EX_NOSUCH: the XPath has no match.
constexpr int no_such_place = 105;

/// Tools take whole seconds.
std::string seconds(Span span) {
    return std::to_string(std::max<long>(1, std::chrono::ceil<std::chrono::seconds>(span).count()));
}

class Tools final : public Cluster {
public:
    explicit Tools(Commands& commands) : commands_{&commands} {}

    std::string query(Span allowed) override {
        return commands_->must({"cibadmin", "--query"}, Deadline::in(allowed)).out;
    }

    bool change(const Edit& edit, Span allowed) override {
        const auto xpath = "--xpath=" + edit.where;
        const std::vector<std::string> common{"--sync-call", "--timeout=" + seconds(allowed),
                                              xpath};
        std::vector<std::string> argv{"cibadmin"};
        std::string input;
        switch (edit.verb) {
            case Edit::Verb::add:
                argv.insert(argv.end(), {"--modify", "--xml-pipe"});
                input = "<constraints>" + edit.xml + "</constraints>";
                break;
            case Edit::Verb::replace:
                argv.insert(argv.end(), {"--replace", "--xml-pipe"});
                input = edit.xml;
                break;
            case Edit::Verb::remove:
                argv.emplace_back("--delete");
                break;
        }
        argv.insert(argv.end(), common.begin(), common.end());
        const auto outcome = commands_->run(argv, Deadline::in(allowed + 1s), input);
        if (outcome.status == no_such_place) return false;
        if (!outcome.ok())
            throw Error{Kind::failed, "changing the CIB with cibadmin: " + outcome.complaint()};
        return true;
    }

    // No tool waits for a change and for a time at once.
    void wait(Span allowed) override { std::this_thread::sleep_for(std::min<Span>(allowed, 1s)); }

    std::optional<Self> find_self(Span allowed) override {
        if (is_file()) return Self{.name = {}, .has_quorum = true};
        const auto name = ask({"crm_node", "--name"}, allowed);
        const auto quorum = ask({"crm_node", "--quorum"}, allowed);
        if (!name || !quorum) return {};
        return Self{.name = *name, .has_quorum = *quorum == "1"};
    }

    bool answers(const std::string& node, Span allowed) override {
        if (is_file()) return true;
        std::vector<std::string> argv{"crmadmin", "--timeout=" + seconds(allowed)};
        // Of a node without a controller it says nothing, and exits with 0 in some versions.
        if (node.empty()) {
            argv.emplace_back("--dc_lookup");
            return ask(argv, allowed + 1s).has_value();
        }
        argv.push_back("--status=" + node);
        const auto said = ask(argv, allowed + 1s);
        return said && (said->ends_with(": ok") || said->ends_with("(ok)"));
    }

private:
    std::optional<std::string> ask(const std::vector<std::string>& argv, Span allowed) try {
        const auto outcome = commands_->run(argv, Deadline::in(allowed), {});
        const std::string said{text::trimmed(outcome.out)};
        if (!outcome.ok() || said.empty()) return {};
        return said;
    } catch (const Error& problem) {
        log::warning(problem.what());
        return {};
    }

    Commands* commands_;
};

/// Loads Pacemaker's libraries at the first question.
class Late_cluster final : public Cluster {
public:
    explicit Late_cluster(Commands& commands) : commands_{&commands} {}

    std::string query(Span allowed) override { return real().query(allowed); }
    bool change(const Edit& edit, Span allowed) override { return real().change(edit, allowed); }
    void wait(Span allowed) override { real().wait(allowed); }
    std::optional<Self> find_self(Span allowed) override { return real().find_self(allowed); }
    bool answers(const std::string& node, Span allowed) override {
        return real().answers(node, allowed);
    }

private:
    Cluster& real() {
        if (real_) return *real_;
        Late_library library{"libsan-cib.so.0"};
        if (const auto door = library.find<decltype(san_cib_make)>("san_cib_make")) {
            real_.reset(door());
        } else {
            log::warning("asking the cluster through cibadmin and crmadmin: ", library.problem());
            real_ = make_cluster_of_programs(*commands_);
        }
        return *real_;
    }

    Commands* commands_;
    std::unique_ptr<Cluster> real_{};
};

}  // namespace

bool is_file() {
    for (const auto* name : {"CIB_file", "CIB_shadow"})
        if (const auto* value = std::getenv(name); value && *value) return true;
    return false;
}

std::unique_ptr<Cluster> make_cluster_of_programs(Commands& commands) {
    return std::make_unique<Tools>(commands);
}

std::unique_ptr<Cluster> make_cluster(Commands& commands) {
    return std::make_unique<Late_cluster>(commands);
}

}  // namespace san::cluster
