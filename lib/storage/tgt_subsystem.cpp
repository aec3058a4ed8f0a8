// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/tgt_subsystem.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "storage/login_check.hpp"
#include "storage/tgt_conversation.hpp"
#include "storage/tgt_target.hpp"
#include "storage/tgt_unit.hpp"

namespace san {

namespace {

/// An initiator that the list names, or anybody.
std::optional<std::string> guest_of(const std::vector<std::string>& list) {
    for (const auto& entry : list) {
        if (entry == "ALL") return login_check::own_name;
        if (tgt::is_name(entry)) return entry;
    }
    return {};
}

class Tgt_subsystem final : public Target_subsystem {
public:
    explicit Tgt_subsystem(System& node) : node_{node} {}

    // ---- a target

    void check(const Target& wanted) const override { tgt_target::check(wanted); }
    Change start(const Target& wanted, const Deadline& deadline) override {
        return tgt_target::start(wanted, node_.tgt, deadline);
    }
    Change reload(const Target& wanted, const Deadline& deadline) override {
        return tgt_target::reload(wanted, node_.tgt, deadline);
    }
    Change stop(const Target_place& place, const Deadline& deadline) override {
        return tgt_target::stop(place, node_.tgt, deadline);
    }
    bool exists(const Iscsi_name& iqn, const Deadline& deadline) override {
        return tgt_target::exists(iqn, node_.tgt, deadline);
    }
    std::vector<std::string> faults(const Target& wanted, const Deadline& deadline) override {
        return tgt_target::faults(wanted, node_.tgt, deadline);
    }

    void log_in(const Target& wanted, const Deadline& deadline) override {
        login_check::check(
            [&]() -> std::optional<login_check::Door> {
                auto guest = login_check::guest_of(wanted);
                if (!guest) return {};
                return login_check::Door{wanted.iqn, wanted.portals, std::move(*guest)};
            },
            {}, node_, deadline);
    }

    // ---- a unit

    void check(const Logical_unit& wanted) const override {
        tgt_unit::check(wanted);
        for (const auto& [name, value] : wanted.switches)
            log::warning(name, "=", value.to_text(), " has no effect on tgt");
        if (wanted.keeping && wanted.keeping->directory)
            log::warning(
                "reservations_dir has no effect on tgt, which keeps reservations in its "
                "memory");
        // bs_aio_cmd_submit, 1.0.85 and 1.0.97.
        if (wanted.tgt.driver == "aio")
            log::warning(
                "tgt_bstype=aio: tgt answers an initiator's flush without one; a disk with a "
                "volatile cache can lose what was acknowledged");
    }
    Change start(const Logical_unit& wanted, const Deadline& deadline) override {
        return tgt_unit::start(wanted, node_.tgt, node_.files, deadline);
    }
    /// A unit here has nothing that could change while it runs.
    Change reload(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change set_state(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change stop(const Unit_place& place, const Deadline& deadline) override {
        return tgt_unit::stop(place, node_.tgt, deadline);
    }
    bool exists(const Unit_place& place, const Deadline& deadline) override {
        return tgt_unit::exists(place, node_.tgt, deadline);
    }
    bool has_state(const Logical_unit&) override { return false; }
    std::vector<std::string> faults(const Logical_unit& wanted, const Deadline& deadline) override {
        return tgt_unit::faults(wanted, node_.tgt, deadline);
    }
    /// Reservations live in the daemon's memory, and nothing can restore them.
    void look_after(const Logical_unit&) override {}

    /// Not where the target asks for a password: the daemon shows none.
    void log_in(const Logical_unit& wanted, const Deadline& deadline) override {
        const login_check::Unit unit{wanted.lun, wanted.serial};
        login_check::check([&] { return door_of(wanted, deadline); }, unit, node_, deadline);
    }

private:
    std::optional<login_check::Door> door_of(const Logical_unit& wanted, const Deadline& deadline) {
        const Tgt_conversation talk{node_.tgt, deadline, "logical unit " + wanted.name};
        const auto target = talk.target(wanted.target.to_text());
        const auto guest = target && target->users.empty() ? guest_of(target->list) : std::nullopt;
        if (!guest) return {};
        login_check::Door door{wanted.target, {}, {.name = *guest}};
        for (const auto& portal : tgt::parse_portals(talk.find(tgt::show_portals()).value_or("")))
            door.portals.push_back(Portal::parse(portal));
        return door;
    }

    System& node_;
};

}  // namespace

std::unique_ptr<Target_subsystem> make_tgt_subsystem(System& node) {
    return std::make_unique<Tgt_subsystem>(node);
}

}  // namespace san
