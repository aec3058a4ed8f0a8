// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_attribute.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Device_attribute: a name and a number, in the kernel's spelling") {
    CHECK(Device_attribute::parse("emulate_tpws=1").to_text() == "emulate_tpws=1");
    CHECK(Device_attribute::parse("max_unmap_lba_count=008192").value == "8192");
    CHECK(Device_attribute::parse("unmap_granularity=4294967295").value == "4294967295");
    for (const auto* bad :
         {"", "=", "=1", "emulate_tpws", "emulate_tpws=", "emulate_tpws=yes", "emulate_tpws=-1",
          "emulate_tpws=1=1", "unmap_granularity=4294967296", "Emulate_tpws=1", "../enable=1",
          "..=1", "a/b=1", "block_size=512", "emulate_tpu=1", "emulate_3pc=1", "emulate_caw=1",
          "emulate_model_alias=0", "emulate_write_cache=1"}) {
        INFO(bad);
        CHECK_THROWS_WITH(Device_attribute::parse(bad), ContainsSubstring("expected"));
    }
}
