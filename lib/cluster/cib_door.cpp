// SPDX-License-Identifier: GPL-2.0-or-later
// The cluster through libcib and libcrmcommon, with what 2.1.5 and 3.0 have in common.
//
// Before the others: in 2.1.5 Pacemaker's headers open extern "C" around it, and it has templates.
#include <libxml/tree.h>
// The others, in order.
#include <algorithm>
#include <cerrno>
#include <crm/cib.h>
#include <crm/common/ipc.h>
#include <crm/common/ipc_controld.h>
#include <crm/common/logging.h>
#include <crm/common/results.h>
#include <cstring>
#include <glib.h>
#include <libxml/parser.h>
#include <syslog.h>

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/owned.hpp"
#include "cluster/cib_door.hpp"
#include "cluster/cluster.hpp"

namespace san::cluster {

namespace {

constexpr auto client_name = "san-fence-peer";

/// 3.0 has no public name for it any more; what it is has not changed (cib.h, 2.1.5).
constexpr auto any_change = "cib_diff_notify";

constexpr Span burst{50};

/// Whole seconds, never none.
int seconds(Span span) {
    return std::max(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(span).count()));
}

void free_tree(xmlNode* tree) {
    if (tree->doc && xmlDocGetRootElement(tree->doc) == tree)
        xmlFreeDoc(tree->doc);
    else
        xmlFreeNode(tree);
}
using Tree = Owned<xmlNode, free_tree>;
using Text = Owned<xmlBuffer, xmlBufferFree>;

Tree parsed(const std::string& xml) {
    auto* document = xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                                   XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!document) throw Error{Kind::failed, "a change of the CIB is no XML"};
    return Tree{xmlDocGetRootElement(document)};
}

std::string text_of(xmlNode* tree) {
    const Text buffer{xmlBufferCreate()};
    if (!buffer || xmlNodeDump(buffer.get(), tree->doc, tree, 0, 0) < 0)
        throw Error{Kind::failed, "no memory for the CIB"};
    return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

Error refused(const std::string& doing, int code) {
    return Error{Kind::failed, doing + ": " + pcmk_strerror(code)};
}

/// One connection to the CIB manager, or one file in memory, which is written at the end.
class Cib {
public:
    explicit Cib(Span allowed) : cib_{cib_new()} {
        if (!cib_) throw Error{Kind::failed, "no memory for a connection to the CIB manager"};
        const int code = cib_->cmds->signon(cib_.get(), client_name, cib_command);
        if (code != pcmk_ok) throw refused("connecting to the CIB manager", code);
        allow(allowed);
        cib_->cmds->add_notify_callback(cib_.get(), any_change, &Cib::on_change);
    }
    Cib(const Cib&) = delete;
    Cib& operator=(const Cib&) = delete;
    ~Cib() { cib_->cmds->signoff(cib_.get()); }

    bool connected() const { return cib_->state != cib_disconnected; }
    void allow(Span span) { cib_->call_timeout = seconds(span); }

    std::string query() {
        xmlNode* found = nullptr;
        const int code = cib_->cmds->query(cib_.get(), nullptr, &found, cib_sync_call);
        const Tree tree{found};
        if (code != pcmk_ok || !tree) throw refused("reading the CIB", code);
        changed_ = false;
        return text_of(tree.get());
    }

    /// The legacy return code.
    int change(const Edit& edit) {
        constexpr int how = cib_sync_call | cib_xpath;
        const auto* where = edit.where.c_str();
        switch (edit.verb) {
            case Edit::Verb::add: {
                const auto tree = parsed("<constraints>" + edit.xml + "</constraints>");
                return cib_->cmds->modify(cib_.get(), where, tree.get(), how);
            }
            case Edit::Verb::replace: {
                const auto tree = parsed(edit.xml);
                return cib_->cmds->replace(cib_.get(), where, tree.get(), how);
            }
            case Edit::Verb::remove:
                return cib_->cmds->remove(cib_.get(), where, nullptr, how);
        }
        return -EINVAL;
    }

    static bool changed_;

private:
    static void on_change(const char*, xmlNode*) { changed_ = true; }
    Owned<cib_t, cib_delete> cib_;
};
bool Cib::changed_ = false;

/// What a controller has answered.
struct Answer {
    bool over = false;  ///< with or without an answer
    bool good = false;
    Self self{};
};

void on_event(pcmk_ipc_api_t*, pcmk_ipc_event event, crm_exit_t status, void* data, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    if (event == pcmk_ipc_event_disconnect) answer.over = true;
    if (event != pcmk_ipc_event_reply) return;
    const auto* reply = static_cast<const pcmk_controld_api_reply_t*>(data);
    if (status != CRM_EX_OK || !reply) {
        answer.over = true;
    } else if (reply->reply_type == pcmk_controld_reply_ping) {
        answer.over = true;
        const auto* result = reply->data.ping.result;
        answer.good = result && std::strcmp(result, "ok") == 0;
    } else if (reply->reply_type == pcmk_controld_reply_info) {
        answer.over = answer.good = true;
        const auto& info = reply->data.node_info;
        answer.self = {.name = info.uname ? info.uname : "", .has_quorum = info.have_quorum};
    }
}

/// A connection for each question: the late answer to an earlier one cannot be taken for this.
template <class Send>
Answer ask_controller(Span allowed, const Send& send) {
    const auto deadline = Deadline::in(allowed);
    Answer answer;
    pcmk_ipc_api_t* raw = nullptr;
    if (pcmk_new_ipc_api(&raw, pcmk_ipc_controld) != pcmk_rc_ok) return answer;
    const Owned<pcmk_ipc_api_t, pcmk_free_ipc_api> api{raw};
    pcmk_register_ipc_callback(raw, on_event, &answer);
    if (pcmk_connect_ipc(raw, pcmk_ipc_dispatch_poll) != pcmk_rc_ok || send(raw) != pcmk_rc_ok)
        return answer;
    while (!answer.over && !deadline.expired()) {
        const int code = pcmk_poll_ipc(raw, static_cast<int>(deadline.left().count()));
        if (code == pcmk_rc_ok)
            pcmk_dispatch_ipc(raw);
        else if (code != EAGAIN && code != EINTR)
            break;
    }
    // It has no more to say, and the answer goes out of scope before it.
    pcmk_register_ipc_callback(raw, nullptr, nullptr);
    return answer;
}

class Pacemaker final : public Cluster {
public:
    Pacemaker() {
        // Without it libcib knows no schemas. What Pacemaker's libraries have to say goes to
        // syslog if it is critical.
        crm_log_init(client_name, LOG_CRIT, FALSE, FALSE, 0, nullptr, TRUE);
    }

    std::string query(Span allowed) override {
        try {
            return cib(allowed).query();
        } catch (const Error&) {
            cib_.reset();
            throw;
        }
    }

    bool change(const Edit& edit, Span allowed) override {
        const int code = cib(allowed).change(edit);
        // A file is written when it is let go of.
        if (is_file()) cib_.reset();
        if (code == -ENXIO) return false;
        if (code != pcmk_ok) {
            cib_.reset();
            throw refused("changing the CIB", code);
        }
        return true;
    }

    void wait(Span allowed) override {
        dispatch_for(allowed, [] { return Cib::changed_; });
        // Changes come in bursts: one look for all of them.
        if (Cib::changed_) dispatch_for(burst, [] { return false; });
        // Nobody says that a file has changed.
        if (is_file()) cib_.reset();
    }

    std::optional<Self> find_self(Span allowed) override {
        if (is_file()) return Self{.name = {}, .has_quorum = true};
        const auto answer = ask_controller(
            allowed, [](pcmk_ipc_api_t* api) { return pcmk_controld_api_node_info(api, 0); });
        if (!answer.good) return {};
        return answer.self;
    }

    bool answers(const std::string& node, Span allowed) override {
        if (is_file()) return true;
        return ask_controller(allowed,
                              [&](pcmk_ipc_api_t* api) {
                                  return pcmk_controld_api_ping(
                                      api, node.empty() ? nullptr : node.c_str());
                              })
            .good;
    }

private:
    template <class Enough>
    static void dispatch_for(Span span, const Enough& enough) {
        bool over = false;
        const auto set = [](gpointer flag) -> gboolean {
            *static_cast<bool*>(flag) = true;
            return G_SOURCE_REMOVE;
        };
        const auto timer = g_timeout_add(static_cast<guint>(span.count()), set, &over);
        while (!over && !enough()) g_main_context_iteration(nullptr, TRUE);
        if (!over) g_source_remove(timer);
    }

    Cib& cib(Span allowed) {
        if (cib_ && !cib_->connected()) cib_.reset();
        if (!cib_) cib_ = std::make_unique<Cib>(allowed);
        cib_->allow(allowed);
        return *cib_;
    }
    std::unique_ptr<Cib> cib_;
};

}  // namespace

}  // namespace san::cluster

extern "C" san::cluster::Cluster* san_cib_make() { return new san::cluster::Pacemaker; }
