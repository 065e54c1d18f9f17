// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "tests/contracts/destination_contract_test.h"

namespace penstock::destinations {

// A schema of its own on SnowflakeServer::Shared().
std::unique_ptr<Warehouse> MakeSnowflakeWarehouse();

}  // namespace penstock::destinations
