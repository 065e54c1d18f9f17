// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/destination.h"

#include <utility>

namespace penstock::simulation::planted {

absl::Status Upsert(World& world, destinations::Destination& destination,
                    std::vector<destinations::TypedRow> rows, destinations::LoadCursor from,
                    const destinations::LoadCursor& to) {
  switch (world.bug) {
    case Bug::kBatchAppliedPartly:
      rows.resize((rows.size() + 1) / 2);
      break;
    case Bug::kForeignCursorHonoured:
      from.store_id = destination.ReadCursor()->store_id;
      break;
    case Bug::kStaleLoaderAccepted:
      from = *destination.ReadCursor();
      break;
    case Bug::kCursorBeforeRows: {
      const absl::Status moved = destination.Upsert({}, from, to).status();
      if (!moved.ok()) return moved;
      world.queue.After(absl::Seconds(1), [&destination, rows = std::move(rows), to] {
        (void)destination.Upsert(rows, to, to);
      });
      return moved;
    }
    default:
      break;
  }
  return destination.Upsert(rows, from, to).status();
}

}  // namespace penstock::simulation::planted
