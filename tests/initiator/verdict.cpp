// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.hpp"

namespace initiator {
namespace {

std::string expectation(const Slot_record& record) {
    const auto last = std::to_string(record.intended.sequence);
    if (!record.acknowledged) return "; sent but not acknowledged was sequence " + last;
    return "; acknowledged was sequence " + std::to_string(record.acknowledged->sequence) +
           ", last sent " + last;
}

}  // namespace

Judgement judge(const Block& found, std::uint64_t run, std::uint64_t slot,
                const Slot_record& record) {
    const auto finding = examine(found, run);
    const auto text =
        "slot " + std::to_string(slot) + " holds " + finding.text + expectation(record);
    if (finding.content == Content::torn) return {Verdict::torn, text};
    if (finding.content == Content::foreign) {
        if (!record.acknowledged) return {};
        return {Verdict::lost, text};
    }
    if (finding.label.slot != slot) return {Verdict::lost, text};

    for (const auto& allowed : {record.acknowledged, std::optional{record.intended}}) {
        if (!allowed || allowed->sequence != finding.label.sequence) continue;
        if (allowed->checksum == stored_checksum(found)) return {};
        return {Verdict::torn, text + ", with another checksum than logged"};
    }
    return {Verdict::lost, text};
}

}  // namespace initiator
