// SPDX-License-Identifier: GPL-2.0-or-later
// What the rules need to know of LVM and LVM-activate: one agent, two names.
#pragma once

#include "conformance/subject.hpp"
#include "support/fake_lvm.hpp"

namespace san::test {

class Lvm_subject : public Subject {
public:
    void prepare(Node& node) override { lvm.answer(node.commands, node.mapper); }
    std::vector<std::string> tools() const override { return {"pvs", "vgchange"}; }

    Fake_lvm lvm;
};

}  // namespace san::test
