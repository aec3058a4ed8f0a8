// SPDX-License-Identifier: GPL-2.0-or-later
// What IET's module lists, ietadm prints, and ietd answers.
#include "fuzz/fuzz.hpp"
#include "kernel/iet_accounts.hpp"
#include "kernel/iet_listing.hpp"

namespace san::fuzz {

const Seeds seeds{.corpus = "iet", .is_netlink = false};

void decode(const Input& input) {
    const iet::Account_request request{
        .op = input.chooses(2) ? iet::Account_op::list : iet::Account_op::show,
        .target = 1,
        .user = "u"};
    switch (input.choice & 3U) {
        case 0:
            for (const auto& target : iet::parse_volumes(input.text()))
                require(!target.name.empty(), "a target without a name");
            return;
        case 1:
            for (const auto& one : iet::parse_connections(input.text(), 1))
                require(one.address.find(' ') == std::string::npos, "an address of two words");
            iet::possible_connections(input.text());
            return;
        case 2:
            iet::parse_parameters(input.text());
            return;
        default: {
            if (input.bytes.size() >= iet::answer_size) iet::more_of(request, input.bytes);
            const auto answer = iet::decode(request, input.bytes);
            for (const auto& user : answer.users)
                require(user.size() <= 256, "a user with a longer name than there is room for");
        }
    }
}

}  // namespace san::fuzz
