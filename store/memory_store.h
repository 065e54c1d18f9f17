// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace penstock::store {

// The same contract in memory (tests/contracts/store_contract_test.cc): for tests and the simulator.
std::unique_ptr<Store> NewMemoryStore(std::string store_id, uint64_t epoch);

}  // namespace penstock::store
