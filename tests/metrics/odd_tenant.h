// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tests/metrics/plain_records.h"

namespace penstock::metrics {

// Three weeks of March 2026 of a small tenant whose every field is now and then odd: null, blank, another case, an
// unknown word, a parent that is gone, above itself or in a circle. The same seed gives the same tenant.
RawRecords OddTenant(uint64_t seed, int interactions);

}  // namespace penstock::metrics
