// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/target_subsystem.hpp"

#include "base/error.hpp"
#include "kernel/iet.hpp"
#include "kernel/scst.hpp"
#include "kernel/tgt_requests.hpp"
#include "storage/iet_subsystem.hpp"
#include "storage/iet_target.hpp"
#include "storage/lio_subsystem.hpp"
#include "storage/scst_subsystem.hpp"
#include "storage/scst_target.hpp"
#include "storage/tgt_subsystem.hpp"
#include "storage/tgt_target.hpp"

namespace san {

namespace {

using Subsystem = Implementation::Subsystem;

Subsystem find(const Iscsi_name& target, System& node, const Deadline& deadline) {
    if (target::exists(target, node.configfs)) return Subsystem::lio;
    if (scst_target::exists(target, node.scst)) return Subsystem::scst;
    const bool has_iet = node.iet.volumes(deadline).has_value();
    if (has_iet && iet_target::exists(target, node, deadline)) return Subsystem::iet;
    if (tgt_target::exists(target, node.tgt, deadline)) return Subsystem::tgt;
    if (has_iet) return Subsystem::iet;
    if (node.tgt.ask(tgt::show_system(), deadline)) return Subsystem::tgt;
    return node.scst.has("targets/iscsi") ? Subsystem::scst : Subsystem::lio;
}

}  // namespace

Implementation Implementation::parse(std::string_view text) {
    if (text.empty()) return {};
    if (text == "lio-t" || text == "lio") return {Subsystem::lio};
    if (text == "tgt") return {Subsystem::tgt};
    if (text == "scst") return {Subsystem::scst};
    if (text == "iet") return {Subsystem::iet};
    throw Error{Kind::misconfigured, "expected lio-t, tgt, scst or iet"};
}

std::unique_ptr<Target_subsystem> choose(const Implementation& implementation,
                                         const Iscsi_name& target, System& node,
                                         const Deadline& deadline) {
    auto subsystem = implementation.subsystem;
    if (subsystem == Subsystem::any) subsystem = find(target, node, deadline);
    if (subsystem == Subsystem::tgt) return make_tgt_subsystem(node);
    if (subsystem == Subsystem::scst) return make_scst_subsystem(node);
    if (subsystem == Subsystem::iet) return make_iet_subsystem(node);
    return make_lio_subsystem(node);
}

}  // namespace san
