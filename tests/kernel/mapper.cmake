# SPDX-License-Identifier: GPL-2.0-or-later
add_tier_test(mapper_contract_test unit mapper_contract.cpp
              ${PROJECT_SOURCE_DIR}/lib/kernel/device_mapper.cpp)
target_link_libraries(mapper_contract_test PRIVATE PkgConfig::DEVMAPPER)
