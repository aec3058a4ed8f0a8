// SPDX-License-Identifier: GPL-2.0-or-later
// Apart from the other names, because it needs a library that only logical units should load.
#include "base/md5.hpp"
#include "storage/names.hpp"

namespace san {

Scsi_serial Scsi_serial::of_resource(std::string_view instance) {
    return Scsi_serial{md5(instance).substr(0, 8)};
}

Scsi_serial Scsi_serial::of_place(const Iscsi_name& target, const Lun_number& lun) {
    return parse(md5(target.to_text() + "\n" + lun.to_text()));
}

}  // namespace san
