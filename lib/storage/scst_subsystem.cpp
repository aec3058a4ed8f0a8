// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/scst_subsystem.hpp"

#include "base/log.hpp"
#include "kernel/scst.hpp"
#include "storage/scst_actions.hpp"
#include "storage/scst_target.hpp"

namespace san {

namespace {

class Scst_subsystem final : public Target_subsystem {
public:
    explicit Scst_subsystem(System& node) : node_{node} {}

    // ---- a target

    void check(const Target& wanted) const override { scst_target::check(wanted); }
    Change start(const Target& wanted, const Deadline& deadline) override {
        return scst_actions::start(wanted, node_, deadline);
    }
    Change reload(const Target& wanted, const Deadline& deadline) override {
        return scst_actions::reload(wanted, node_, deadline);
    }
    Change stop(const Target_place& place, const Deadline& deadline) override {
        return scst_actions::stop(place, node_, deadline);
    }
    bool exists(const Iscsi_name& iqn, const Deadline&) override {
        return scst_target::exists(iqn, node_.scst);
    }
    std::vector<std::string> faults(const Target& wanted, const Deadline& deadline) override {
        return scst_actions::faults(wanted, node_, deadline);
    }
    void log_in(const Target& wanted, const Deadline& deadline) override {
        scst_actions::log_in(wanted, node_, deadline);
    }

    // ---- a unit

    void check(const Logical_unit& wanted) const override {
        scst_unit::check(wanted);
        for (const auto& [name, value] : wanted.switches)
            log::warning(name, "=", value.to_text(), " has no effect on SCST");
        if (wanted.keeping && wanted.keeping->directory)
            log::warning(
                "reservations_dir has no effect on SCST, which keeps reservations in "
                "/var/lib/scst/pr of each node");
    }
    void warn_of_identifier() const override {
        log::warning("scsi_id has no effect on SCST, which shows scsi_sn and product_id");
    }
    Change start(const Logical_unit& wanted, const Deadline& deadline) override {
        return scst_actions::start(Scst_unit::of(wanted), node_, deadline);
    }
    /// A unit here has nothing that could change while it runs.
    Change reload(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change set_state(const Logical_unit&, const Deadline&) override { return Change::none; }
    Change stop(const Unit_place& place, const Deadline& deadline) override {
        return scst_actions::stop(
            {.device = place.name, .path = place.path, .target = place.target}, node_, deadline);
    }
    bool exists(const Unit_place& place, const Deadline& deadline) override {
        return scst_actions::exists({.device = place.name, .path = place.path}, node_, deadline);
    }
    bool has_state(const Logical_unit&) override { return false; }
    std::vector<std::string> faults(const Logical_unit& wanted, const Deadline& deadline) override {
        return scst_actions::faults(Scst_unit::of(wanted), node_, deadline);
    }
    /// Reservations are in a file of each node.
    void look_after(const Logical_unit&) override {}
    void log_in(const Logical_unit& wanted, const Deadline& deadline) override {
        const auto serial = wanted.serial.to_text().substr(0, 20);
        scst_actions::log_in(wanted.target, wanted.lun, Scsi_serial::parse(serial), node_,
                             deadline);
    }

private:
    System& node_;
};

}  // namespace

std::unique_ptr<Target_subsystem> make_scst_subsystem(System& node) {
    return std::make_unique<Scst_subsystem>(node);
}

}  // namespace san
