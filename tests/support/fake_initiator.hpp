// SPDX-License-Identifier: GPL-2.0-or-later
// An initiator that is answered out of the fake configfs, as LIO answers.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "kernel/initiator.hpp"
#include "support/fake_configfs.hpp"

namespace san::test {

class Fake_initiator final : public Initiator {
public:
    explicit Fake_initiator(const Fake_configfs& configfs) : configfs_{configfs} {}

    std::vector<Login> logins;
    std::set<std::string> closed;  ///< "10.0.0.7:3260": a packet filter drops what goes there
    std::string refusal{};         ///< the target takes connections, but nobody in

    bool reaches(const Ip& ip, std::uint16_t port) override {
        return !closed.contains(Portal::at(ip, port).to_text());
    }

    std::optional<std::string> ask(const Login& login, const Deadline&) override {
        logins.push_back(login);
        if (!reaches(login.ip, login.port)) throw Error{Kind::failed, "connecting: no answer"};
        if (!refusal.empty()) throw Error{Kind::failed, "login: " + refusal};
        if (!login.lun) return {};
        const Configfs::Path lun =
            "target/iscsi/" + login.target + "/tpgt_1/lun/lun_" + std::to_string(*login.lun);
        for (const auto& link : configfs_.find_entries(lun).value_or(std::vector<std::string>{}))
            if (const auto device = configfs_.find_link(lun / link)) {
                const auto said = configfs_.find(*device / "wwn/vpd_unit_serial").value_or("");
                return said.substr(said.rfind(' ') + 1);
            }
        throw Error{Kind::failed, "INQUIRY: ILLEGAL_REQUEST"};
    }

private:
    const Fake_configfs& configfs_;
};

}  // namespace san::test
