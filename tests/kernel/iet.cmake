# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(iet_contract_test unit iet_contract.cpp)
