// SPDX-License-Identifier: Apache-2.0
#include "coordinator/change_eras.h"

#include "coordinator/limits.h"

namespace penstock::coordinator {

uint64_t EpochOf(const storage::SourceRecord& source, uint64_t change) {
  if (change == 0 || change > source.last_change()) return 0;
  uint64_t epoch = 0;
  for (const storage::ChangeEra& era : source.eras()) {
    if (era.first_change() <= change) epoch = era.epoch();
  }
  return epoch;
}

storage::SourceRecord WithEra(storage::SourceRecord source, uint64_t epoch) {
  auto& eras = *source.mutable_eras();
  const uint64_t first = source.last_change() + 1;
  if (!eras.empty() && eras.rbegin()->first_change() == first) eras.RemoveLast();  // it numbered nothing
  storage::ChangeEra& era = *eras.Add();
  era.set_first_change(first);
  era.set_epoch(epoch);
  if (eras.size() > kChangeErasMax) eras.DeleteSubrange(0, eras.size() - kChangeErasMax);
  return source;
}

}  // namespace penstock::coordinator
