// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/target_subsystem.hpp"

#include "base/error.hpp"
#include "kernel/tgt_requests.hpp"
#include "storage/lio_subsystem.hpp"
#include "storage/tgt_subsystem.hpp"
#include "storage/tgt_target.hpp"

namespace san {

namespace {

using Subsystem = Implementation::Subsystem;

Subsystem find(const Iscsi_name& target, System& node, const Deadline& deadline) {
    if (target::exists(target, node.configfs)) return Subsystem::lio;
    return node.tgt.ask(tgt::show_system(), deadline) ? Subsystem::tgt : Subsystem::lio;
}

}  // namespace

Implementation Implementation::parse(std::string_view text) {
    if (text.empty()) return {};
    if (text == "lio-t" || text == "lio") return {Subsystem::lio};
    if (text == "tgt") return {Subsystem::tgt};
    throw Error{Kind::misconfigured, "expected lio-t or tgt"};
}

std::unique_ptr<Target_subsystem> choose(const Implementation& implementation,
                                         const Iscsi_name& target, System& node,
                                         const Deadline& deadline) {
    auto subsystem = implementation.subsystem;
    if (subsystem == Subsystem::any) subsystem = find(target, node, deadline);
    if (subsystem == Subsystem::tgt) return make_tgt_subsystem(node);
    return make_lio_subsystem(node);
}

}  // namespace san
