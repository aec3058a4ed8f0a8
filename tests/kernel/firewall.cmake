# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(firewall_contract_test namespace firewall_contract.cpp)
