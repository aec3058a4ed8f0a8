// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/device_attribute.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

TEST_CASE("Device_attribute: a name and a value, numbers in the kernel's spelling") {
    CHECK(Device_attribute::parse("emulate_tpws=1").to_text() == "emulate_tpws=1");
    CHECK(Device_attribute::parse("max_unmap_lba_count=008192").value == "8192");
    CHECK(Device_attribute::parse("unmap_granularity=4294967295").value == "4294967295");
    CHECK(Device_attribute::parse("mode_page=8:0:18:0x10").value == "8:0:18:0x10");
    CHECK(Device_attribute::parse("Type=fileio").name == "Type");
    for (const auto* bad :
         {"", "=", "=1", "emulate_tpws", "emulate_tpws=", "../enable=1", "..=1", "a/b=1",
          "block_size=512", "emulate_tpu=1", "emulate_3pc=1", "emulate_caw=1",
          "emulate_model_alias=0", "emulate_write_cache=1", "force_pr_aptpl=1"}) {
        INFO(bad);
        CHECK_THROWS_WITH(Device_attribute::parse(bad), ContainsSubstring("expected"));
    }
}
