# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(mapper_contract_test unit mapper_contract.cpp)
