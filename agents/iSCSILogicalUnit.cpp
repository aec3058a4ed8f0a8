// SPDX-License-Identifier: GPL-2.0-or-later
// iSCSILogicalUnit: a block device or file as a logical unit of an iSCSI target.
//
// "running" means that initiators find it under its number, with its identity, on the device that
// is meant. Whether it is there is told by the backstore named after the resource, never by the
// path.

#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "kernel/mapper.hpp"
#include "ocf/agent.hpp"
#include "storage/device_state.hpp"
#include "storage/lio_subsystem.hpp"
#include "storage/logical_unit.hpp"
#include "storage/node_number.hpp"
#include "storage/reservation_keeper.hpp"
#include "storage/target_reload.hpp"
#include "storage/target_subsystem.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// From what the identity of a unit follows, unless it is given.
struct Identity_word {
    bool of_place = false;
    static Identity_word parse(std::string_view text) {
        if (text == "resource") return {};
        if (text == "cluster") return {.of_place = true};
        throw Error{Kind::misconfigured, "expected resource or cluster"};
    }
};

constexpr int score_unpromoted = 5;
constexpr int score_promoted = 10;

/// A parameter of the shell agent that means nothing to the kernel's target.
ocf::Declaration ignored(const char* name, const char* text) {
    return {.name = name, .brief = "Has no effect", .text = text, .fallback = ""};
}

class iSCSILogicalUnit final : public ocf::Agent {
    ocf::Parameter<Implementation> implementation{
        *this,
        {.name = "implementation",
         .brief = "Target subsystem",
         .text =
             "The target subsystem, as that of the unit's iSCSITarget: lio-t, the one in the "
             "kernel, for which lio is taken as well; tgt, scst or iet. Without it the one that "
             "has the target; else iet, if its module is loaded; else tgt, if it runs on the "
             "node; else scst, if its iSCSI driver is loaded; else lio-t.",
         .fallback = ""}};
    ocf::Parameter<Iscsi_name> target_iqn{
        *this,
        {.name = "target_iqn",
         .brief = "Name of the target",
         .text = "The iSCSI name of the target, which must have been started before.",
         .required = true}};
    ocf::Parameter<Lun_number> lun{*this,
                                   {.name = "lun",
                                    .brief = "Number of the unit",
                                    .text = "The unit's number on its target, from 0 to 16383; "
                                            "with tgt from 1.",
                                    .required = true}};
    ocf::Parameter<Backing_path> path{
        *this,
        {.name = "path",
         .brief = "Block device or file",
         .text = "The absolute path of the block device, or of the file, to export. It must not "
                 "contain a comma.",
         .required = true,
         .unique = true}};
    ocf::Parameter<std::optional<Scsi_serial>> scsi_sn{
        *this,
        {.name = "scsi_sn",
         .brief = "Serial number",
         .text = "The serial number, by which initiators know the disk again; its hex digits also "
                 "make the disk's NAA name, of which no two units of a node may have the same. "
                 "The default is the first 8 hex digits of the MD5 of the resource's name, or "
                 "what identity says.",
         .unique = true,
         .fallback = ""}};
    ocf::Parameter<Identity_word> identity{
        *this,
        {.name = "identity",
         .brief = "resource or cluster",
         .text = "From what the serial number follows when scsi_sn is not set. resource: from the "
                 "resource's name, as with the shell agent; units of two clusters that have one "
                 "name are then one disk to an initiator of both. cluster: from the target's name "
                 "and the unit's number, as the product also does then. Initiators take a unit "
                 "whose identity changes for a new disk.",
         .fallback = "resource"}};
    ocf::Parameter<std::string> scsi_id{
        *this,
        {.name = "scsi_id",
         .brief = "Identifier, with tgt or iet",
         .text =
             "The identifier that initiators of tgt and iet read beside the serial number; with "
             "tgt the hex digits in it make the disk's NAA name. The default is the first 16 "
             "characters of "
             "the resource's name, or the serial number, by what identity says. The kernel's "
             "target has no place for it; see scsi_sn.",
         .unique = true,
         .fallback = ""}};
    ocf::Parameter<std::optional<Scsi_vendor>> vendor_id{
        *this,
        {.name = "vendor_id",
         .brief = "Vendor name",
         .text = "The vendor that initiators are told, up to 8 characters. The kernel's default "
                 "is LIO-ORG.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Scsi_product>> product_id{
        *this,
        {.name = "product_id",
         .brief = "Product name",
         .text = "The product that initiators are told, up to 16 characters. The default is the "
                 "resource's name, as far as it fits.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Switch>> emulate_tpu{
        *this,
        {.name = "emulate_tpu",
         .brief = "UNMAP (discard)",
         .text = "1 lets initiators discard blocks, if the device can. The kernel's default is 0.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Switch>> emulate_3pc{
        *this,
        {.name = "emulate_3pc",
         .brief = "EXTENDED COPY",
         .text = "0 refuses copies made by the target (XCOPY). The kernel's default is 1.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Switch>> emulate_caw{
        *this,
        {.name = "emulate_caw",
         .brief = "COMPARE AND WRITE",
         .text = "0 refuses COMPARE AND WRITE (VMware's ATS). The kernel's default is 1.",
         .fallback = ""}};
    ocf::Parameter<Switch> write_cache{
        *this,
        {.name = "write_cache",
         .brief = "Keep writes in memory",
         .text = "Of a file: 1 lets the kernel keep in memory what was written until the initiator "
                 "flushes it, and tells the initiator so. A crash of the node then loses what was "
                 "not flushed. With the default, 0, each write is on the disk when it is "
                 "answered. With the kernel's target a block device has the cache that it has, and "
                 "initiators are told; with tgt it is as a file, with iet it has none.",
         .fallback = "0"}};
    ocf::Parameter<std::optional<Block_size>> block_size{
        *this,
        {.name = "block_size",
         .brief = "Size of blocks",
         .text = "The size of the unit's blocks: 512, 1024, 2048 or 4096. The default is that of "
                 "the device, and 512 for a file. Data written with one size is not found again "
                 "with another.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Backstore_word>> liot_bstype{
        *this,
        {.name = "liot_bstype",
         .brief = "block or fileio",
         .text = "The kernel's driver for the path: block, for block devices, or fileio, which "
                 "takes files and block devices; with iet its Type, blockio or fileio, in the same "
                 "words. The default is what the path is. pscsi is "
                 "refused: it passes the commands to a disk past the kernel, which then has "
                 "another identity on each node.",
         .fallback = ""}};
    ocf::Parameter<std::vector<Device_attribute>> additional_parameters{
        *this,
        {.name = "additional_parameters",
         .brief = "Attributes",
         .text = "Attributes of the kernel's backstore, as words such as emulate_tpws=1 "
                 "max_unmap_lba_count=8192, separated by blanks, with the names that the kernel "
                 "has below attrib. Names that it does not have are warned about. With tgt, "
                 "parameters of the unit, such as thin_provisioning=1 or mode_page=8:0:18:..., of "
                 "which unknown ones are refused; so they are with iet, which has IOMode=ro.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Node_number>> alua_group_id{
        *this,
        {.name = "alua_group_id",
         .brief = "Number of the ALUA group",
         .text = "From 1 to 65535: the unit is in a target port group of its own with this number. "
                 "Nodes that show one unit at the same time need different ones: alice:1 bob:2. A "
                 "promotable clone needs it. Without it the unit is in the kernel's default "
                 "group, and always active.",
         .fallback = ""}};
    ocf::Parameter<Alua_group_name> alua_group{
        *this,
        {.name = "alua_group",
         .brief = "Name of the ALUA group",
         .text = "The name that the kernel has for that group. Initiators do not see it.",
         .fallback = "san"}};
    ocf::Parameter<Alua_state> alua_state{
        *this,
        {.name = "alua_state",
         .brief = "ALUA state",
         .text = "How initiators shall use this path: active, nonoptimized, standby or "
                 "unavailable. Of a promotable clone, when it is promoted.",
         .fallback = "active"}};
    ocf::Parameter<Alua_state> alua_unpromoted_state{
        *this,
        {.name = "alua_unpromoted_state",
         .brief = "ALUA state of an unpromoted clone",
         .text = "The state of a promotable clone's instances that are not promoted. In standby "
                 "and unavailable they refuse to read and write.",
         .fallback = "standby"}};
    ocf::Parameter<std::string> lio_iblock{
        *this,
        ignored("lio_iblock",
                "Accepted for compatibility. The number of the kernel's HBA follows from the "
                "resource's name.")};
    ocf::Parameter<std::string> tgt_bstype{
        *this,
        {.name = "tgt_bstype",
         .brief = "Driver of the path, with tgt",
         .text = "With tgt, how it does its I/O: rdwr, through the page cache, aio, past it and "
                 "without flushes of the disk's own cache, or another one that it was built "
                 "with. The default is rdwr.",
         .fallback = ""}};
    ocf::Parameter<std::string> tgt_bsoflags{
        *this,
        {.name = "tgt_bsoflags",
         .brief = "Flags of the path, with tgt",
         .text = "With tgt, how the path is opened: sync, direct or sync:direct.",
         .fallback = ""}};
    ocf::Parameter<std::string> tgt_bsopts{
        *this,
        {.name = "tgt_bsopts",
         .brief = "Options of the driver, with tgt",
         .text = "With tgt, options that the driver of tgt_bstype takes. No comma can be in them.",
         .fallback = ""}};
    ocf::Parameter<std::string> tgt_device_type{
        *this,
        {.name = "tgt_device_type",
         .brief = "Type of the device, with tgt",
         .text = "With tgt, what initiators see: disk, tape, cd, changer, osd, or pt, a device "
                 "that is passed through. The default is disk.",
         .fallback = ""}};
    ocf::Parameter<std::string> scst_bstype{
        *this,
        {.name = "scst_bstype",
         .brief = "Handler of the path, with SCST",
         .text = "With SCST, its handler of the device: vdisk_blockio, or vdisk_fileio, which goes "
                 "through the page cache. The default is what the path is.",
         .fallback = ""}};
    ocf::Parameter<std::vector<Iscsi_name>> allowed_initiators{
        *this,
        {.name = "allowed_initiators",
         .brief = "Initiators that see this unit",
         .text = "The names of the initiators that see this unit, separated by blanks. The target "
                 "must have a list as well; it need not name the same. Without a list whoever "
                 "the target's own list admits sees the unit. A change of the list disturbs no "
                 "session.",
         .reloadable = true,
         .fallback = ""}};

    ocf::Parameter<Reservation_care> reservations{
        *this,
        {.name = "reservations",
         .brief = "What becomes of persistent reservations",
         .text = "keep: persistent reservations that initiators make for good (APTPL) are in force "
                 "again wherever the unit starts. They are kept in the cluster's configuration, "
                 "where each change is within moments; san-reservations lists and drops them. "
                 "forget: they end with the unit, as they always do with alua_group_id.",
         .fallback = "keep"}};
    ocf::Parameter<std::optional<Reservation_directory>> reservations_dir{
        *this,
        {.name = "reservations_dir",
         .brief = "Directory for persistent reservations",
         .text = "The absolute path of a directory on a replicated file system, mounted where the "
                 "unit runs. The kernel then notes reservations there, and an initiator has its "
                 "answer only when its reservation is on the disk. Without it they are kept in the "
                 "cluster's configuration, and one made in the last moment before a loss of power "
                 "can be lost.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Switch>> force_pr_aptpl{
        *this,
        {.name = "force_pr_aptpl",
         .brief = "Take every registration as one for good",
         .text = "1 keeps the registrations of initiators that do not ask for it (APTPL) as well. "
                 "Without it one such initiator ends the keeping for all initiators of the unit: "
                 "the latest registration decides. The kernel's default is 0.",
         .fallback = ""}};

    std::map<std::string, Switch> switches() const {
        std::map<std::string, Switch> given;
        for (const auto* parameter : {&emulate_tpu, &emulate_3pc, &emulate_caw, &force_pr_aptpl})
            if (const auto& value = (*parameter)())
                given.emplace(parameter->declaration().name, *value);
        return given;
    }

    Scsi_serial serial() const {
        if (scsi_sn()) return *scsi_sn();
        return identity().of_place ? Scsi_serial::of_place(target_iqn(), lun())
                                   : Scsi_serial::of_resource(instance());
    }

    /// Stop comes with the parameters of start, if they were good.
    std::optional<Scsi_serial> find_serial() const {
        try {
            return serial();
        } catch (const Error&) {
            return {};
        }
    }

    std::optional<std::filesystem::path> directory() const {
        if (!reservations_dir.has_value() || !reservations_dir()) return {};
        return reservations_dir()->path;
    }

    Reservation_wish keeping() const {
        return {.unit = instance(),
                .state = environment().state_directory(),
                .care = reservations.has_value() ? reservations() : Reservation_care{},
                .directory = directory()};
    }

    /// Of a unit that several nodes show at once each would store its own.
    bool is_on_one_node() const { return !is_promotable() && !alua_group_id(); }

    /// With its own digits in the product a unit is the same whatever the resource is called.
    /// VMware tells disks apart by the first eight characters of it.
    std::optional<Scsi_product> product() const {
        if (product_id() || !identity().of_place) return product_id();
        const auto digits = Scsi_serial::of_place(target_iqn(), lun()).to_text();
        return Scsi_product::parse(std::string_view{digits}.substr(0, 16));
    }

    void check_alua() const {
        if (alua_group_id()) {
            if (is_promotable() && alua_state() == alua_unpromoted_state())
                throw Error{
                    Kind::misconfigured,
                    "alua_unpromoted_state=" + text::quoted(alua_unpromoted_state().to_text()) +
                        ": expected another state than alua_state"};
            return;
        }
        if (is_promotable())
            throw Error{Kind::misconfigured,
                        "alua_group_id=\"\": expected one for each node: alice:1 bob:2"};
        if (alua_state() != Alua_state::parse("active"))
            throw Error{Kind::misconfigured, "alua_state=" + text::quoted(alua_state().to_text()) +
                                                 ": expected active, or alua_group_id as well"};
    }

    std::optional<Alua> alua(System& node, const Alua_state& state) const {
        if (!alua_group_id()) return {};
        const auto number = alua_group_id()->on(node.name);
        if (!number)
            throw Error{Kind::wrong_on_this_node,
                        "alua_group_id=" + text::quoted(alua_group_id.raw().value_or("")) +
                            ": expected a number for " + node.name};
        return Alua{.group = alua_group(), .number = *number, .state = state};
    }

    bool is_promotable() const { return environment().is_promotable(); }

    std::unique_ptr<Target_subsystem> subsystem(System& node) const {
        // Stop may come with a word that is none.
        const auto word = implementation.has_value() ? implementation() : Implementation{};
        return choose(word, target_iqn(), node, deadline());
    }

    /// As the shell agent takes it, or as the serial number follows from the unit's place.
    std::string identifier() const {
        if (!scsi_id().empty()) return scsi_id();
        return (identity().of_place ? serial().to_text() : instance()).substr(0, 16);
    }

    /// As start makes it.
    Logical_unit wanted(System& node) const {
        return wanted(node, is_promotable() ? alua_unpromoted_state() : alua_state());
    }
    Logical_unit wanted(System& node, const Alua_state& state) const {
        return {.name = instance(),
                .target = target_iqn(),
                .lun = lun(),
                .path = path(),
                .serial = serial(),
                .vendor = vendor_id(),
                .product = product(),
                .type = liot_bstype() ? std::optional{liot_bstype()->type} : std::nullopt,
                .write_cache = write_cache().is_on(),
                .block_size = block_size(),
                .attributes = additional_parameters(),
                .alua = alua(node, state),
                .initiators = allowed_initiators(),
                .switches = switches(),
                .keeping = is_on_one_node() ? std::optional{keeping()} : std::nullopt,
                .tgt = {.scsi_id = identifier(),
                        .driver = tgt_bstype(),
                        .flags = tgt_bsoflags(),
                        .options = tgt_bsopts(),
                        .device_type = tgt_device_type()},
                .scst = {.handler = scst_bstype()}};
    }

    /// Stop comes with the parameters of start, if they were good.
    Unit_place place() const {
        Unit_place place{.name = instance(), .serial = find_serial(), .keeping = keeping()};
        if (target_iqn.has_value()) place.target = target_iqn();
        if (lun.has_value()) place.lun = lun();
        if (path.has_value()) place.path = path();
        return place;
    }

    /// What only a read and a login show. Each by a child, which may be abandoned.
    void look_closely(System& node, Target_subsystem& all, const Logical_unit& unit) {
        const auto& device = path().to_text();
        node.bounded.run(deadline(), [&](const Bounded::Progress& progress) {
            progress("a read of " + device);
            node.files.read_directly(device);
            return Change::none;
        });
        all.log_in(unit, deadline());
    }

public:
    iSCSILogicalUnit()
        : ocf::Agent{{
              .name = "iSCSILogicalUnit",
              .brief = "Manages a logical unit of an iSCSI target",
              .text =
                  "Exports a block device or a file as a logical unit of an iSCSI target of "
                  "the kernel (LIO), of tgt, SCST or IET. Initiators see it when it is complete, "
                  "with the same "
                  "identity on every node. It needs a running iSCSITarget on the same node. "
                  "As a promotable clone it is shown on several nodes at once, of which the "
                  "promoted one is used (ALUA): the device has to be one that each can open "
                  "at the same time, such as DRBD with two primaries.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 30s},
                          {.name = "reload-agent", .timeout = 20s},
                          {.name = "promote", .timeout = 10s},
                          {.name = "demote", .timeout = 10s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 10s},
                          {.name = "monitor", .timeout = 20s, .interval = 9s, .role = "Promoted"},
                          {.name = "monitor", .timeout = 30s, .interval = 60s, .depth = 10}},
              .example = "primitive p_lun1 ocf:san:iSCSILogicalUnit \\\n"
                         "    params target_iqn=iqn.2026-01.org.example:disk1 lun=1 \\\n"
                         "    path=/dev/vg_san/lun1 \\\n"
                         "    op monitor interval=10s timeout=20s",
          }} {}

    void check(System& node) const override {
        check_alua();
        const auto all = subsystem(node);
        all->check(wanted(node));
        if (!scsi_id().empty()) all->warn_of_identifier();
    }

    Change start(System& node) override {
        const auto unit = wanted(node);
        target_reload(node).await_end(node.bounded, deadline());
        const auto change = subsystem(node)->start(unit, deadline());
        if (is_promotable()) publish_score(node, score_unpromoted);
        return change;
    }

    Change promote(System& node) override {
        const auto all = subsystem(node);
        if (!all->exists(place(), deadline()))
            throw Error{Kind::failed, "expected a unit that was started"};
        const auto change = all->set_state(wanted(node, alua_state()), deadline());
        publish_score(node, score_promoted);
        return change;
    }

    Change demote(System& node) override {
        const auto all = subsystem(node);
        if (!all->exists(place(), deadline())) return Change::none;
        const auto change = all->set_state(wanted(node, alua_unpromoted_state()), deadline());
        publish_score(node, score_unpromoted);
        return change;
    }

    Change reload(System& node) override {
        target_reload(node).await_end(node.bounded, deadline());
        const auto all = subsystem(node);
        return all->reload(as_it_is(node, *all), deadline());
    }

    Change stop(System& node) override {
        const auto change = find_subsystem(node)->stop(place(), deadline());
        if (is_promotable()) publish_score(node, {});
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto all = subsystem(node);
        if (!all->exists(place(), deadline())) return ocf::State::stopped;
        const auto unit = as_it_is(node, *all);
        auto faults = faults_of(node, *all, unit);
        if (!faults.empty() || check_level() >= 10)
            target_reload(node).await_end(node.bounded, deadline());
        if (!faults.empty()) faults = faults_of(node, *all, unit);
        if (!faults.empty()) throw Error{Kind::failed, text::joined(faults, ", ")};
        all->look_after(unit);
        if (check_level() >= 10) look_closely(node, *all, unit);
        return is_promoted(unit) ? ocf::State::promoted : ocf::State::running;
    }

private:
    Target_reload target_reload(System& node) const {
        return {node.files, environment().state_directory(), target_iqn()};
    }

    /// Without the target's name only the kernel's own can be found, by the resource's.
    std::unique_ptr<Target_subsystem> find_subsystem(System& node) const {
        return target_iqn.has_value() ? subsystem(node) : make_lio_subsystem(node);
    }

    std::vector<std::string> faults_of(System& node, Target_subsystem& all,
                                       const Logical_unit& unit) const {
        auto faults = all.faults(unit, deadline());
        if (const auto device = node.files.find_block_device(path().to_text()))
            for (auto& fault : device_state::faults(*device, node.files, node.mapper))
                faults.push_back(path().to_text() + ": " + std::move(fault));
        return faults;
    }

    bool is_promoted(const Logical_unit& unit) const {
        return is_promotable() && unit.alua && unit.alua->state == alua_state();
    }

    /// In the role that the subsystem's state stands for.
    Logical_unit as_it_is(System& node, Target_subsystem& all) const {
        const auto promoted = wanted(node, alua_state());
        if (is_promoted(promoted) && all.has_state(promoted)) return promoted;
        return wanted(node);
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() {
    return std::make_unique<iSCSILogicalUnit>();
}
