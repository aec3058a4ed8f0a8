// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/login_check.hpp"

#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/addresses.hpp"
#include "kernel/configfs.hpp"
#include "kernel/initiator.hpp"
#include "storage/lio.hpp"

namespace san::login_check {

namespace {

using namespace std::chrono_literals;

// Kept for finding out whether a login failed because the port was closed in the middle of it.
constexpr auto second_look = 1s;

std::optional<Login::Credentials> credentials(const Configfs::Path& owner, const std::string& which,
                                              const Configfs& configfs) {
    const auto user = configfs.find(owner / "auth" / ("userid" + which)).value_or("");
    // What takes an account away, and is given back when read (6.1).
    if (user.empty() || user.starts_with("NULL")) return {};
    return Login::Credentials{
        user, Secret{configfs.find(owner / "auth" / ("password" + which)).value_or("")}};
}

Guest guest(std::string name, const Configfs::Path& owner, const Configfs::Path& group,
            const Configfs& configfs) {
    Guest found{.name = std::move(name)};
    if (configfs.find(group / "attrib/authentication") != "1") return found;
    found.incoming = credentials(owner, "", configfs);
    found.outgoing = credentials(owner, "_mutual", configfs);
    return found;
}

/// Somebody whom the target admits, and shows the unit.
std::optional<Guest> find_guest(const Configfs::Path& group, const std::optional<Unit>& unit,
                                const Configfs& configfs) {
    if (configfs.find(group / "attrib/generate_node_acls") == "1")
        return guest(own_name, group, group, configfs);
    for (const auto& name :
         configfs.find_entries(group / "acls").value_or(std::vector<std::string>{})) {
        const auto acl = group / "acls" / name;
        if (!unit || configfs.has(acl / unit->lun.directory()))
            return guest(name, acl, group, configfs);
    }
    return {};
}

/// Where the portal is reached from this node; nothing when its address is not here.
std::optional<Ip> address_of(const Portal& portal, Addresses& addresses) {
    const auto& ip = portal.ip();
    if (ip.is_unspecified()) return Ip::parse(ip.family() == Family::ipv4 ? "127.0.0.1" : "::1");
    if (ip.is_loopback() || !addresses.list(ip).empty()) return ip;
    return {};
}

/// tgtd puts blanks before a serial number that is shorter than its field.
void compare(const std::optional<std::string>& serial, const Unit& unit) {
    if (text::trimmed(serial.value_or("")) != unit.serial.to_text())
        throw Error{Kind::failed, "LUN " + unit.lun.to_text() + " has the serial number " +
                                      text::quoted(serial.value_or("")) + " instead of " +
                                      text::quoted(unit.serial.to_text())};
}

/// Whether the portal could be asked. Errors: failed when the answer is not what it should be
bool ask(const Portal& portal, const Login& login, const std::optional<Unit>& unit,
         Initiator& initiator, const Deadline& deadline) {
    try {
        const auto serial = initiator.ask(login, deadline.before(second_look));
        if (unit) compare(serial, *unit);
        return true;
    } catch (Error& failure) {
        if (failure.kind() == Kind::not_installed) throw;
        // Somebody has closed the port meanwhile, as portblock does.
        if (!initiator.reaches(login.ip, login.port)) return false;
        throw failure.within("portal " + portal.to_text() + ": as " + login.initiator);
    }
}

void check_here(const Door& door, const std::optional<Unit>& unit, System& node,
                const Deadline& deadline, const Bounded::Progress& progress) {
    const auto& who = door.guest;
    std::optional<Error> first;
    for (const auto& portal : door.portals) {
        const auto ip = address_of(portal, node.addresses);
        if (!ip) continue;
        progress("a login at portal " + portal.to_text() + " as " + who.name);
        Login login{.ip = *ip,
                    .port = portal.port(),
                    .target = door.target.to_text(),
                    .initiator = who.name,
                    .incoming = who.incoming,
                    .outgoing = who.outgoing};
        if (unit) login.lun = unit->lun.number();
        try {
            // Which portals work is the target's matter.
            if (ask(portal, login, unit, node.initiator, deadline) && unit) return;
        } catch (const Error& failure) {
            if (!unit) throw;
            if (!first) first = failure;
        }
    }
    if (first) throw *first;
}

}  // namespace

Login::Credentials credentials_of(const Chap_account& account) {
    return {account.user, account.password};
}

std::optional<Guest> guest_of(const Target& wanted) {
    if (wanted.initiators.empty() && !wanted.networks.empty()) return {};
    Guest guest{.name = wanted.admits_everybody() ? own_name : wanted.initiators.front().to_text()};
    if (const auto& given = wanted.credentials) {
        guest.incoming = credentials_of(given->initiator);
        if (given->target) guest.outgoing = credentials_of(*given->target);
    }
    return guest;
}

std::optional<Door> door_of_lio(const Iscsi_name& target, const std::optional<Unit>& unit,
                                const Configfs& configfs) {
    const auto group = lio::group_directory(target);
    const auto who = find_guest(group, unit, configfs);
    if (!who) return {};
    return Door{.target = target, .portals = lio::portals(configfs, group), .guest = *who};
}

void check(const std::function<std::optional<Door>()>& find_door, const std::optional<Unit>& unit,
           System& node, const Deadline& deadline) {
    node.bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress("the target to be read");
        if (const auto door = find_door()) check_here(*door, unit, node, deadline, progress);
        return Change::none;
    });
}

}  // namespace san::login_check
