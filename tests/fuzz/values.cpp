// SPDX-License-Identifier: GPL-2.0-or-later
// Values of parameters, as the cluster hands them over.
#include "cluster/mail.hpp"
#include "fuzz/fuzz.hpp"
#include "storage/address_values.hpp"
#include "storage/alua.hpp"
#include "storage/device_attribute.hpp"
#include "storage/names.hpp"
#include "storage/port_block.hpp"
#include "storage/replica.hpp"
#include "storage/replica_score.hpp"
#include "storage/tickle_list.hpp"
#include "storage/volume_access.hpp"
#include "storage/volume_group.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "values", .is_netlink = false};

namespace {

/// Names become parts of paths, of lists with one entry in a line, and words of programs.
void require_harmless(const std::string& name) {
    require(!name.empty() && name != "." && name != "..", "a name that is another place");
    for (const char letter : name)
        require(static_cast<unsigned char>(letter) > ' ' && letter != '/' && letter != '\x7f',
                "a name that does not end where it ends");
}

/// What is read back is what was meant.
template <class Value>
void require_same(const Value& value) {
    require(Value::parse(value.to_text()).to_text() == value.to_text(),
            "a text that means another");
}

}  // namespace

void decode(const Input& input) {
    const auto text = input.text();
    switch (input.choice) {
        case 0:
            require_harmless(Iscsi_name::parse(text).to_text());
            return;
        case 1:
            require_same(Portal::parse(text));
            return;
        case 2: {
            const auto entry = Initiator_entry::parse(text);
            require(entry.name.has_value() != !entry.network.empty(), "an entry for nobody");
            return;
        }
        case 3:
            require_same(Lun_number::parse(text));
            return;
        case 4:
            require_same(Scsi_serial::parse(text));
            Scsi_serial::of_resource(text);
            return;
        case 5:
            require(Backing_path::parse(text).to_text().starts_with('/'), "a path from nowhere");
            return;
        case 6:
            require_harmless(Alua_group_name::parse(text).to_text());
            return;
        case 7: {
            const auto group = Vg_name::parse(text).to_text();
            require_harmless(group);
            require(group.front() != '-', "a volume group that is an option");
            return;
        }
        case 8: {
            const auto volume = Lv_name::parse(text).to_text();
            require_harmless(volume);
            require(volume.front() != '-', "a volume that is an option");
            return;
        }
        case 9: {
            // "/" is allowed, and is another letter where the name is part of a path.
            const auto name = Replica_name::parse(text).to_text();
            require(name.front() != '-', "a resource that is an option");
            for (const char letter : name)
                require(static_cast<unsigned char>(letter) > ' ', "a name of two words");
            return;
        }
        case 10: {
            const auto recipients = Recipients::parse(text);
            for (const auto& one : recipients.all())
                require(one.front() != '-' && one.find_first_of("\n, ") == std::string::npos,
                        "a recipient that is something else");
            return;
        }
        case 11:
            require(Mail_subject::parse(text).to_text().find('\n') == std::string::npos,
                    "a subject of two lines");
            return;
        case 12:
            Port_list::parse(text).to_text();
            Ip_network::parse(text).to_text();
            return;
        case 13:
            Nic_name::parse(text);
            Broadcast::parse(text);
            return;
        case 14:
            volume_group::Tag::parse(text);
            Device_attribute::parse(text);
            Score_table::parse(text);
            return;
        default: {
            const auto connections = tickle_list::parse(text);
            require(
                tickle_list::parse(tickle_list::to_text(connections)).size() == connections.size(),
                "a list that says something else");
        }
    }
}

}  // namespace san::fuzz
