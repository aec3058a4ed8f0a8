// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/iet_subsystem.hpp"

#include "base/log.hpp"
#include "kernel/connections.hpp"
#include "storage/iet_access.hpp"
#include "storage/iet_conversation.hpp"
#include "storage/iet_target.hpp"
#include "storage/iet_unit.hpp"
#include "storage/login_check.hpp"

namespace san {

namespace {

/// An initiator that the list names, or anybody.
std::optional<std::string> guest_of(const std::vector<std::string>& list) {
    for (const auto& entry : list) {
        if (entry == "ALL") return login_check::own_name;
        if (auto name = iet_access::find_name(entry)) return name;
    }
    return {};
}

class Iet_subsystem final : public Target_subsystem {
public:
    explicit Iet_subsystem(System& node) : node_{node} {}

    // ---- a target

    void check(const Target& wanted) const override { iet_target::check(wanted); }
    Change start(const Target& wanted, const Deadline& deadline) override {
        return iet_target::start(wanted, node_, deadline);
    }
    Change reload(const Target& wanted, const Deadline& deadline) override {
        return iet_target::reload(wanted, node_, deadline);
    }
    Change stop(const Target_place& place, const Deadline& deadline) override {
        return iet_target::stop(place, node_, deadline);
    }
    bool exists(const Iscsi_name& iqn, const Deadline& deadline) override {
        return iet_target::exists(iqn, node_, deadline);
    }
    std::vector<std::string> faults(const Target& wanted, const Deadline& deadline) override {
        return iet_target::faults(wanted, node_, deadline);
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
        iet_unit::check(wanted);
        for (const auto& [name, value] : wanted.switches)
            log::warning(name, "=", value.to_text(), " has no effect on IET");
        if (wanted.vendor)
            log::warning("vendor_id=", wanted.vendor->to_text(), " has no effect on IET");
        if (wanted.product)
            log::warning("product_id=", wanted.product->to_text(), " has no effect on IET");
        if (wanted.keeping && wanted.keeping->directory)
            log::warning("reservations_dir has no effect on IET, which has no persistent ones");
    }
    Change start(const Logical_unit& wanted, const Deadline& deadline) override {
        return iet_unit::start(wanted, node_, deadline);
    }
    /// A unit here has nothing that could change while it runs.
    Change reload(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change set_state(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change stop(const Unit_place& place, const Deadline& deadline) override {
        return iet_unit::stop(place, node_, deadline);
    }
    bool exists(const Unit_place& place, const Deadline& deadline) override {
        return iet_unit::exists(place, node_, deadline);
    }
    bool has_state(const Logical_unit&) override { return false; }
    std::vector<std::string> faults(const Logical_unit& wanted, const Deadline& deadline) override {
        return iet_unit::faults(wanted, node_, deadline);
    }
    /// IET knows reservations of sessions only, which end with them.
    void look_after(const Logical_unit&) override {}

    /// Not where the target asks for a password, which is not ours to use here.
    void log_in(const Logical_unit& wanted, const Deadline& deadline) override {
        const login_check::Unit unit{wanted.lun, wanted.serial};
        login_check::check([&] { return door_of(wanted, deadline); }, unit, node_, deadline);
    }

private:
    std::optional<login_check::Door> door_of(const Logical_unit& wanted, const Deadline& deadline) {
        const Iet_conversation talk{node_.iet, deadline, "logical unit " + wanted.name};
        const auto target = talk.target(wanted.target.to_text());
        const auto guest = guest_of(iet_access::admitted(wanted.target, node_.files));
        if (!target || !guest || !talk.speaks_of_accounts()) return {};
        const auto accounts = talk.ask({.op = iet::Account_op::list, .target = target->number});
        if (!accounts.ok() || !accounts.users.empty()) return {};
        login_check::Door door{wanted.target, {}, {.name = *guest}};
        for (const auto family : {Family::ipv4, Family::ipv6})
            for (const auto& one :
                 node_.connections.find_listeners(family).value_or(std::vector<Listener>{}))
                if (one.port == Portal::default_port)
                    door.portals.push_back(Portal::at(one.ip, one.port));
        return door;
    }

    System& node_;
};

}  // namespace

std::unique_ptr<Target_subsystem> make_iet_subsystem(System& node) {
    return std::make_unique<Iet_subsystem>(node);
}

}  // namespace san
