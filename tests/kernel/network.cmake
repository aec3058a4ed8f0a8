# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(network_contract_test namespace network_contract.cpp network_service_contract.cpp
              network_announcement_contract.cpp)
