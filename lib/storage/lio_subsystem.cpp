// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/lio_subsystem.hpp"

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "storage/alua.hpp"
#include "storage/discovery.hpp"
#include "storage/lio.hpp"
#include "storage/login_check.hpp"
#include "storage/portal_sockets.hpp"
#include "storage/reservation_keeper.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

class Lio_subsystem final : public Target_subsystem {
public:
    explicit Lio_subsystem(System& node) : node_{node} {}

    // ---- a target

    void check(const Target& wanted) const override {
        for (const auto& portal : wanted.iser) {
            // A listener that is asked for by a wildcard would be made without a device.
            const auto name = "iser_portals=" + text::quoted(portal.to_text());
            const auto& all = wanted.portals;
            if (std::find(all.begin(), all.end(), portal) == all.end())
                throw Error{Kind::misconfigured, name + ": expected one of portals"};
            if (node_.files.names("/sys/class/infiniband").empty())
                throw Error{Kind::wrong_on_this_node,
                            name + ": expected an RDMA device on this node"};
        }
        if (!wanted.networks.empty())
            throw Error{Kind::misconfigured,
                        "allowed_initiators=" + text::quoted(wanted.networks.front()) +
                            ": expected an iSCSI name: only tgt admits addresses"};
        if (wanted.discovery) discovery::check(*wanted.discovery);
    }

    Change start(const Target& wanted, const Deadline& deadline) override {
        lio::load(node_.configfs, node_.commands, deadline);
        lio::allow_reservations(node_.configfs, node_.files);
        auto change = Change::none;
        if (wanted.discovery)
            change = discovery::start(*wanted.discovery, wanted.iqn, node_.configfs, node_.bounded,
                                      deadline);
        change |= start_target(wanted, deadline);
        return change;
    }

    Change reload(const Target& wanted, const Deadline& deadline) override {
        return target::reload(wanted, node_.configfs, node_.bounded, deadline);
    }

    Change stop(const Target_place& place, const Deadline& deadline) override {
        auto change = target::stop(place.iqn, node_.configfs, node_.bounded, deadline);
        if (place.discovery_user)
            change |= discovery::stop(place.iqn, node_.configfs, node_.bounded, deadline);
        return change;
    }

    bool exists(const Iscsi_name& iqn, const Deadline&) override {
        return target::exists(iqn, node_.configfs);
    }

    std::vector<std::string> faults(const Target& wanted, const Deadline&) override {
        auto faults = target::faults(wanted, node_.configfs);
        // Missing portals have no listener either.
        if (faults.empty()) faults = portal_sockets::faults(wanted.portals, node_.connections);
        if (wanted.discovery)
            for (auto& fault : discovery::faults(*wanted.discovery, node_.configfs))
                faults.push_back(std::move(fault));
        return faults;
    }

    void log_in(const Target& wanted, const Deadline& deadline) override {
        login_check::check([&] { return login_check::door_of_lio(wanted.iqn, {}, node_.configfs); },
                           {}, node_, deadline);
    }

    // ---- a unit

    void check(const Logical_unit& wanted) const override {
        const bool file = wanted.type == Backing::Type::file;
        if (wanted.write_cache && !file && node_.files.find_block_device(wanted.path.to_text()))
            log::warning(
                "write_cache has no effect on a block device: initiators are told of the "
                "cache that it has");
    }

    void warn_of_identifier() const override {
        log::warning("scsi_id has no effect on the kernel's target, which shows scsi_sn");
    }

    Change start(const Logical_unit& wanted, const Deadline& deadline) override {
        auto unit = wanted;
        lio::allow_reservations(node_.configfs, node_.files);
        if (unit.keeping) {
            const Reservation_keeper keeper{node_, *unit.keeping};
            unit.registrations = logical_unit::find_linked(unit, node_.configfs)
                                     ? keeper.remembered()
                                     : keeper.recall(unit.serial, deadline);
        }
        return logical_unit::start(unit, node_.configfs, node_.files, node_.bounded, deadline);
    }

    Change reload(const Logical_unit& wanted, const Deadline& deadline) override {
        return logical_unit::reload(wanted, node_.configfs, node_.files, node_.bounded, deadline);
    }

    Change set_state(const Logical_unit& wanted, const Deadline& deadline) override {
        return logical_unit::set_state(wanted, node_.configfs, node_.bounded, deadline);
    }

    Change stop(const Unit_place& place, const Deadline& deadline) override {
        // The rest is for what initiators have reserved in the last moment.
        const auto limit = Deadline::in(deadline.left() * 3 / 4);
        if (place.target) end_stranded(*place.target, deadline);
        const auto change = logical_unit::stop(
            place.name,
            place.target && place.lun
                ? std::optional{logical_unit::place(*place.target, *place.lun)}
                : std::nullopt,
            node_.configfs, node_.files, node_.bounded, limit, end_of_patience(place, deadline));
        Reservation_keeper{node_, place.keeping}.finish(place.serial, deadline);
        return change;
    }

    bool exists(const Unit_place& place, const Deadline&) override {
        return !lio::backstores(place.name, node_.configfs).empty();
    }

    bool has_state(const Logical_unit& wanted) override {
        const auto backstores = lio::backstores(wanted.name, node_.configfs);
        return wanted.alua && !backstores.empty() &&
               alua::has_state(node_.configfs, backstores.front(), *wanted.alua);
    }

    std::vector<std::string> faults(const Logical_unit& wanted, const Deadline&) override {
        return logical_unit::faults(wanted, node_.configfs, node_.files);
    }

    void look_after(const Logical_unit& wanted) override {
        if (wanted.keeping)
            Reservation_keeper{node_, *wanted.keeping}.look_after(
                wanted.serial, [&] { return logical_unit::find_linked(wanted, node_.configfs); });
    }

    void log_in(const Logical_unit& wanted, const Deadline& deadline) override {
        const login_check::Unit unit{wanted.lun, wanted.serial};
        login_check::check(
            [&] { return login_check::door_of_lio(wanted.target, unit, node_.configfs); }, unit,
            node_, deadline);
    }

private:
    /// Ends what nobody owns and keeps a portal from being made; throws when there is nothing.
    void free_ports(const Target& wanted, const Error& refusal, const Deadline& deadline) {
        if (portal_sockets::end_lost(wanted.portals, node_.configfs, node_.connections, node_.files,
                                     node_.bounded, deadline) == Change::made)
            return;
        if (const auto owner =
                portal_sockets::program(wanted.portals, node_.connections, node_.files))
            throw Error{Kind::failed, std::string{refusal.what()} + ": " + *owner};
        throw refusal;
    }

    Change start_target(const Target& wanted, const Deadline& deadline) {
        try {
            return target::start(wanted, node_.configfs, node_.bounded, deadline);
        } catch (const Error& refusal) {
            // All that a portal's socket can refuse is EINVAL.
            if (refusal.errnum() != EINVAL || refusal.kind() != Kind::failed) throw;
            free_ports(wanted, refusal, deadline);
        }
        return target::start(wanted, node_.configfs, node_.bounded, deadline);
    }

    /// A help to stop, which goes on without it.
    void end_stranded(const Iscsi_name& target, const Deadline& deadline) try {
        portal_sockets::end_stranded(target, node_.configfs, node_.connections, node_.addresses,
                                     node_.bounded, deadline.within(3s));
    } catch (const Error& problem) {
        log::warning("connections whose address has left: ", problem.what());
    }

    /// An initiator whose way is cut, as its service address has moved or a port is closed, does
    /// not send the rest of a command that it has begun, and the kernel waits for it longer than a
    /// stop may take (nopin_timeout and nopin_response_timeout, 45 s, 6.1).
    Bounded::Nudge end_of_patience(const Unit_place& place, const Deadline& deadline) {
        if (!place.target) return {};
        return {.after = 2s, .act = [this, place, deadline] {
                    node_.bounded.run(deadline.within(2s), [&](const Bounded::Progress& progress) {
                        const auto& target = *place.target;
                        progress("the connections of " + target.to_text() + " to end");
                        // Without its answer no session would end, and none could begin anew.
                        if (logical_unit::waits_for_device(place.name, node_.configfs, node_.files))
                            return Change::none;
                        const auto ended = portal_sockets::end_connections(target, node_.configfs,
                                                                           node_.connections);
                        if (ended == 0) return Change::none;
                        log::warning("a command does not end: ended ", ended, " connections of ",
                                     target.to_text());
                        return Change::made;
                    });
                }};
    }

    System& node_;
};

}  // namespace

std::unique_ptr<Target_subsystem> make_lio_subsystem(System& node) {
    return std::make_unique<Lio_subsystem>(node);
}

}  // namespace san
