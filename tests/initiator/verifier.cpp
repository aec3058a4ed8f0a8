// SPDX-License-Identifier: GPL-2.0-or-later
#include "verifier.hpp"

#include <ostream>

#include "connection.hpp"
#include "journal.hpp"
#include "json.hpp"
#include "verdict.hpp"

namespace initiator {

int verify_blocks(const Options& options, Stop& stop, std::ostream& out) {
    const auto run = read_journal(options.log);
    Connection connection{options.peer, stop, options.connect_seconds, [](const std::string&) {}};

    std::uint64_t lost = 0;
    std::uint64_t torn = 0;
    std::string first_bad;
    for (const auto& [number, record] : run.written) {
        const auto slot = number;  // clang 14 cannot capture a structured binding
        Block found;
        connection.insist([&](Session& session) { found = session.read(slot); });
        const auto judgement = judge(found, run.run, slot, record);
        lost += judgement.verdict == Verdict::lost ? 1 : 0;
        torn += judgement.verdict == Verdict::torn ? 1 : 0;
        if (first_bad.empty()) first_bad = judgement.text;
    }
    out << "{\"acknowledged\": " << run.acknowledged << ", \"slots\": " << run.written.size()
        << ", \"lost\": " << lost << ", \"torn\": " << torn
        << ", \"first_bad\": " << json_text(first_bad) << "}\n";
    return lost == 0 && torn == 0 && run.acknowledged > 0 ? 0 : 1;
}

int show_login(const Options& options, Stop& stop, std::ostream& out) {
    const auto patience = options.seconds.value_or(std::chrono::milliseconds{0});
    Connection connection{options.peer, stop, patience, [](const std::string&) {}};
    connection.insist([&](Session& session) {
        const auto identity = session.identify();
        const auto caching = session.caching_page();
        out << "{\"vendor\": " << json_text(identity.vendor)
            << ", \"product\": " << json_text(identity.product)
            << ", \"revision\": " << json_text(identity.revision)
            << ", \"serial\": " << json_text(identity.serial)
            << ", \"caching_page\": " << json_text(caching)
            << ", \"capacity_bytes\": " << session.capacity_bytes()
            << ", \"sector_bytes\": " << session.sector_bytes() << "}\n";
    });
    return 0;
}

}  // namespace initiator
