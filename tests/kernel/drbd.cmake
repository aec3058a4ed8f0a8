# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(drbd_contract_test unit drbd_contract.cpp)
