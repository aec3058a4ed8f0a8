# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(lio_contract_test unit lio_contract.cpp lio_access_contract.cpp lio_unit_contract.cpp
              lio_reservation_contract.cpp)
