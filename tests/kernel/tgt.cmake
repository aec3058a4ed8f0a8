# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(tgt_contract_test namespace tgt_contract.cpp)
use_late_libraries(tgt_contract_test)
