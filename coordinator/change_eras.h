// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "proto/storage.pb.h"

namespace penstock::coordinator {

// Which start of the coordinator numbered a change. An older copy of a store that is put back numbers other changes
// with the numbers that a destination knows already; the start's instant, in nanoseconds, tells them apart. (The
// store's epoch does not: it has seconds, and grows by one where the clock stands behind it, in each copy alike.)

// 0: there is no such change, or it is too old for that to be known.
uint64_t EpochOf(const storage::SourceRecord& source, uint64_t change);

// From now on changes are numbered under `epoch`, the instant of this start. The last kChangeErasMax eras that numbered
// anything are kept.
storage::SourceRecord WithEra(storage::SourceRecord source, uint64_t epoch);

}  // namespace penstock::coordinator
