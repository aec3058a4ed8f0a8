// SPDX-License-Identifier: GPL-2.0-or-later
// Answers of device-mapper that are cut off or point outside of themselves.
#include "kernel/mapper_messages.hpp"

#include <cstring>
#include <linux/dm-ioctl.h>

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

std::vector<char> answer(const dm_ioctl& head, std::size_t size) {
    std::vector<char> bytes(size);
    std::memcpy(bytes.data(), &head, std::min(size, sizeof head));
    return bytes;
}

}  // namespace

TEST_CASE("device-mapper: an empty list of devices is one record of nothing") {
    dm_ioctl head{};
    head.data_start = sizeof head;
    CHECK(dm::names(answer(head, sizeof head + sizeof(dm_name_list))).empty());
}

TEST_CASE("device-mapper: names are followed by where the next one is") {
    dm_ioctl head{};
    head.data_start = sizeof head;
    auto bytes = answer(head, sizeof head + 64);
    dm_name_list record{};
    record.dev = 1;
    record.next = 24;
    std::memcpy(bytes.data() + sizeof head, &record, offsetof(dm_name_list, name));
    std::strcpy(bytes.data() + sizeof head + offsetof(dm_name_list, name), "one");
    record.next = 0;
    std::memcpy(bytes.data() + sizeof head + 24, &record, offsetof(dm_name_list, name));
    std::strcpy(bytes.data() + sizeof head + 24 + offsetof(dm_name_list, name), "two");
    CHECK(dm::names(bytes) == std::vector<std::string>{"one", "two"});

    // A record that leads back into itself would never end; one outside is nobody's.
    record.next = 4;
    std::memcpy(bytes.data() + sizeof head, &record, offsetof(dm_name_list, name));
    CHECK_THROWS_AS(dm::names(bytes), Error);
    record.next = 4096;
    std::memcpy(bytes.data() + sizeof head, &record, offsetof(dm_name_list, name));
    CHECK_THROWS_AS(dm::names(bytes), Error);
}

TEST_CASE("device-mapper: more lines or devices than there are bytes are refused") {
    dm_ioctl head{};
    head.data_start = sizeof head;
    head.target_count = 1000;
    CHECK_THROWS_AS(dm::lines(answer(head, sizeof head + 64)), Error);
    auto bytes = answer(head, sizeof head + 24);
    dm_target_deps deps{};
    deps.count = 1000;
    std::memcpy(bytes.data() + sizeof head, &deps, sizeof deps);
    CHECK_THROWS_AS(dm::below(bytes), Error);
    CHECK_THROWS_AS(dm::device(answer(head, 8)), Error);
}

TEST_CASE("device-mapper: numbers have minors of twenty bits") {
    const Device_number number{253, 1048575};
    dm_ioctl head{};
    head.data_start = sizeof head;
    head.dev = dm::encoded(number);
    head.flags = DM_SUSPEND_FLAG;
    const auto device = dm::device(answer(head, sizeof head));
    CHECK(device.number == number);
    CHECK(device.suspended);
    CHECK_FALSE(device.has_live_table);
}
