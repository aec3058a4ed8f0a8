// SPDX-License-Identifier: GPL-2.0-or-later
// SCSTLun: a device of SCST as a logical unit of one of its iSCSI targets.
//
// "running" means that initiators find it under its number, with its identity, on the device that
// is meant. Whether it is there is told by SCST's device of that name, never by the path.

#include <poll.h>

#include "base/bounded.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kernel/mapper.hpp"
#include "ocf/agent.hpp"
#include "storage/device_state.hpp"
#include "storage/scst_actions.hpp"
#include "storage/target_reload.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// A word of additional_parameters.
struct Attribute {
    std::string name;
    std::string value;
    /// Errors  misconfigured
    static Attribute parse(std::string_view text) {
        const auto sign = text.find('=');
        const auto name = text.substr(0, sign);
        constexpr auto letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
        if (sign == std::string_view::npos || name.empty() || sign + 1 == text.size() ||
            name.find_first_not_of(letters) != std::string_view::npos ||
            text.find(';') != std::string_view::npos)
            throw Error{Kind::misconfigured, "expected words such as nv_cache=0 threads_num=4"};
        return {std::string{name}, std::string{text.substr(sign + 1)}};
    }
};

/// A wrong word must not hide the unit.
struct Truth {
    bool is_true = true;
    /// Errors  misconfigured
    static Truth parse(std::string_view text) {
        const auto word = text::lower(text);
        if (text::is_true(word)) return {true};
        for (const auto* no : {"false", "no", "off", "0", "n"})
            if (word == no) return {false};
        throw Error{Kind::misconfigured, "expected true or false"};
    }
};

class SCSTLun final : public ocf::Agent {
    ocf::Parameter<Iscsi_name> target_iqn{
        *this,
        {.name = "target_iqn",
         .brief = "Name of the target",
         .text = "The iSCSI name of the target, which must have been started before.",
         .required = true}};
    ocf::Parameter<std::string> device_name{
        *this,
        {.name = "device_name",
         .brief = "SCST's name for the device",
         .text = "The name that SCST has for the device, up to 64 letters; of a device that is "
                 "passed through its SCSI address, H:C:I:L.",
         .required = true,
         .unique = true}};
    ocf::Parameter<std::optional<Lun_number>> lun{
        *this,
        {.name = "lun",
         .brief = "Number of the unit",
         .text = "The unit's number on its target, from 0 to 16383. Some initiators need one with "
                 "the number 0.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Lun_number>> iscsi_lun{
        *this,
        {.name = "iscsi_lun",
         .brief = "Number of the unit",
         .text = "Another name for lun, which some versions of the shell agent have.",
         .fallback = ""}};
    ocf::Parameter<Truth> iscsi_enable{
        *this,
        {.name = "iscsi_enable",
         .brief = "Show it on the iSCSI target",
         .text = "With false the device is made, and shown to nobody.",
         .fallback = "true"}};
    ocf::Parameter<std::optional<Scst_handler>> handler{
        *this,
        {.name = "handler",
         .brief = "SCST's handler of the device",
         .text = "vdisk_blockio for block devices, vdisk_fileio for files and block devices, "
                 "through the page cache, or dev_disk and its like for devices that are passed "
                 "through. The default is what path is.",
         .fallback = ""}};
    ocf::Parameter<std::optional<Backing_path>> path{
        *this,
        {.name = "path",
         .brief = "Block device or file",
         .text = "The absolute path of the block device, or of the file, to export. A device that "
                 "is passed through has none.",
         .unique = true,
         .fallback = ""}};
    ocf::Parameter<std::optional<Scsi_serial>> scsi_sn{
        *this,
        {.name = "scsi_sn",
         .brief = "Serial number",
         .text = "The serial number, by which initiators know the disk again, up to 20 letters. "
                 "SCST's own follows from device_name.",
         .unique = true,
         .fallback = ""}};
    ocf::Parameter<std::string> scsi_id{
        *this,
        {.name = "scsi_id",
         .brief = "End of the T10 identifier",
         .text = "With scsi_sn, what follows it and a hyphen in the T10 identifier, which has 25 "
                 "letters at most. Without scsi_sn it has no effect.",
         .fallback = ""}};
    ocf::Parameter<std::vector<Attribute>> additional_parameters{
        *this,
        {.name = "additional_parameters",
         .brief = "Attributes of the device",
         .text = "Attributes such as nv_cache=0 write_through=1 thin_provisioned=0 threads_num=4, "
                 "separated by blanks, with the names that SCST has below the device, or for its "
                 "making. nv_cache=1 lets initiators take what is in memory for safe, which a "
                 "takeover loses.",
         .fallback = ""}};
    ocf::Parameter<std::uint32_t> wait_timeout{
        *this,
        {.name = "wait_timeout",
         .brief = "Seconds to wait for path",
         .text = "How long start waits for path to come up, in seconds, and for half of its own "
                 "timeout at most.",
         .fallback = "0"}};

    bool is_passed_through() const { return handler() && handler()->passes_through(); }

    Scst_unit wanted() const {
        Scst_unit unit{.device = device_name(),
                       .target = target_iqn(),
                       .lun = {},
                       .handler = handler() ? handler()->name : "",
                       .path = path()};
        if (iscsi_enable().is_true) unit.lun = lun() ? lun() : iscsi_lun();
        if (const auto& serial = scsi_sn()) {
            unit.attributes.emplace_back("usn", serial->to_text());
            if (!scsi_id().empty())
                unit.attributes.emplace_back("t10_dev_id", serial->to_text() + "-" + scsi_id());
        }
        for (const auto& one : additional_parameters())
            unit.attributes.emplace_back(one.name, one.value);
        return unit;
    }

    /// Stop comes with the parameters of start, if they were good.
    scst_actions::Place place() const {
        scst_actions::Place place{.device = device_name()};
        if (path.has_value()) place.path = path();
        if (target_iqn.has_value()) place.target = target_iqn();
        return place;
    }

    Target_reload target_reload(System& node) const {
        return {node.files, environment().state_directory(), target_iqn()};
    }

    /// Its directory may be missing as well, so that there is nothing to be told of it.
    void await_path(System& node) const {
        if (!path()) return;
        // The rest is for the start itself.
        const auto limit =
            Deadline::in(deadline().left() / 2).within(std::chrono::seconds{wait_timeout()});
        while (!node.files.exists(path()->to_text()) && !limit.expired())
            ::poll(
                nullptr, 0,
                static_cast<int>(std::min(limit.left(), std::chrono::milliseconds{100}).count()));
    }

    /// What only a read and a login show. Each by a child, which may be abandoned.
    void look_closely(System& node) const {
        if (const auto& device = path())
            node.bounded.run(deadline(), [&](const Bounded::Progress& progress) {
                progress("a read of " + device->to_text());
                node.files.read_directly(device->to_text());
                return Change::none;
            });
        const auto unit = wanted();
        if (unit.lun && scsi_sn())
            scst_actions::log_in(unit.target, *unit.lun, *scsi_sn(), node, deadline());
    }

public:
    SCSTLun()
        : ocf::Agent{{
              .name = "SCSTLun",
              .brief = "Manages a logical unit of SCST",
              .text =
                  "Makes a device of SCST, a target subsystem that is not part of the kernel, "
                  "and shows it as a logical unit of an iSCSI target. Initiators see it when it "
                  "is complete. It needs a running SCSTTarget on the same node. A device of "
                  "that name which has another path is never touched.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 180s},
                          {.name = "status", .timeout = 20s},
                          {.name = "monitor", .timeout = 20s, .interval = 10s},
                          {.name = "monitor", .timeout = 30s, .interval = 60s, .depth = 10}},
              .example = "primitive p_lun1 ocf:san:SCSTLun \\\n"
                         "    params target_iqn=iqn.2026-01.org.example:disk1 lun=0 \\\n"
                         "    device_name=lun1 handler=vdisk_blockio path=/dev/vg_san/lun1 \\\n"
                         "    op monitor interval=10s timeout=20s",
          }} {}

    void check(System&) const override {
        if (iscsi_enable().is_true && !lun() && !iscsi_lun())
            throw Error{Kind::misconfigured, "lun=\"\": expected a number"};
        if (lun() && iscsi_lun() && lun()->number() != iscsi_lun()->number())
            throw Error{Kind::misconfigured, "iscsi_lun=" + text::quoted(iscsi_lun()->to_text()) +
                                                 ": expected the number of lun, or none"};
        if (is_passed_through() && path())
            throw Error{Kind::misconfigured,
                        "handler=" + text::quoted(handler()->name) + ": expected no path with it"};
        if (!is_passed_through() && !path())
            throw Error{Kind::misconfigured, "path=\"\": expected a path"};
        if (!scsi_id().empty() && !scsi_sn()) log::warning("scsi_id has no effect without scsi_sn");
        scst_unit::check(wanted());
    }

    Change start(System& node) override {
        const auto unit = wanted();
        target_reload(node).await_end(node.bounded, deadline());
        await_path(node);
        return scst_actions::start(unit, node, deadline());
    }

    Change stop(System& node) override { return scst_actions::stop(place(), node, deadline()); }

    ocf::State monitor(System& node) override {
        if (!scst_actions::exists(place(), node, deadline())) return ocf::State::stopped;
        const auto unit = wanted();
        auto faults = faults_of(node, unit);
        if (!faults.empty() || check_level() >= 10) {
            target_reload(node).await_end(node.bounded, deadline());
            faults = faults_of(node, unit);
        }
        if (!faults.empty())
            throw Error{Kind::failed,
                        scst_unit::subject(unit.device) + ": " + text::joined(faults, ", ")};
        if (check_level() >= 10) look_closely(node);
        return ocf::State::running;
    }

private:
    std::vector<std::string> faults_of(System& node, const Scst_unit& unit) const {
        auto faults = scst_actions::faults(unit, node, deadline());
        if (!path()) return faults;
        if (const auto device = node.files.find_block_device(path()->to_text()))
            for (auto& fault : device_state::faults(*device, node.files, node.mapper))
                faults.push_back(path()->to_text() + ": " + std::move(fault));
        return faults;
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<SCSTLun>(); }
