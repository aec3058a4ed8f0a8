// SPDX-License-Identifier: GPL-2.0-or-later
// san-reservations: shows and drops the persistent reservations that ocf:san:iSCSILogicalUnit
// keeps.
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/command.hpp"
#include "base/error.hpp"
#include "kernel/configfs.hpp"
#include "kernel/files.hpp"
#include "storage/reservation_administration.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

constexpr auto patience = 60s;

constexpr auto usage =
    "usage: san-reservations [--dir DIRECTORY] list\n"
    "       san-reservations [--dir DIRECTORY] drop UNIT|SERIAL\n"
    "\n"
    "Shows and drops the SCSI-3 persistent reservations that ocf:san:iSCSILogicalUnit\n"
    "keeps, so that they are in force wherever a logical unit starts.\n"
    "\n"
    "  list            Every kept registration: the unit's serial number, the initiator,\n"
    "                  its key and ISID, and whether it holds the reservation.\n"
    "  drop            Forgets what is kept of one unit, named as the cluster's resource\n"
    "                  or by its serial number: for an initiator that will not come back,\n"
    "                  or a unit that has been removed. The unit need not run, and is not\n"
    "                  touched if it does: what its initiators have stays in force until\n"
    "                  they release it or the unit is stopped. To be rid of it at once:\n"
    "                      san-reservations drop UNIT; crm resource restart UNIT\n"
    "                  An initiator that registers meanwhile is kept anew.\n"
    "  --dir DIRECTORY Instead of the cluster's configuration, the directory that the\n"
    "                  unit's parameter reservations_dir names; on the node that has it\n"
    "                  mounted.\n"
    "  --help          This text.\n"
    "\n"
    "Exit status: 0 done; 1 nothing is kept of that unit, or the cluster did not answer;\n"
    "2 wrong usage.\n"
    "\n"
    "The cluster's copy is the property set \"san-reservations\" of the configuration, one\n"
    "property \"aptpl-SERIAL\" for each unit.\n";

int refuse(const std::string& what) {
    std::fprintf(stderr, "san-reservations: %s (see san-reservations --help)\n", what.c_str());
    return 2;
}

}  // namespace

int main(int count, char** given) {
    std::vector<std::string> words{given + 1, given + count};
    std::optional<std::filesystem::path> directory;
    if (words.size() >= 2 && words[0] == "--dir") {
        directory = words[1];
        words.erase(words.begin(), words.begin() + 2);
    }
    if (words.empty()) return refuse("expected list or drop");
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        std::fputs(usage, stdout);
        return 0;
    }
    const bool list = words[0] == "list" && words.size() == 1;
    const bool drop = words[0] == "drop" && words.size() == 2 && !words[1].empty();
    if (!list && !drop) return refuse("\"" + words[0] + "\": expected list, or drop and one unit");
    try {
        Programs programs;
        const Files files;
        const Mounted_configfs configfs;
        const Reservation_administration reservations{programs, files, configfs};
        const auto text = list ? reservations.list(directory, Deadline::in(patience))
                               : reservations.drop(words[1], directory, Deadline::in(patience));
        std::fputs(text.c_str(), stdout);
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "san-reservations: %s\n", problem.what());
        return 1;
    }
}
