// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/simulation/checker.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/warehouse.h"

namespace penstock::simulation {

// Checked at every upsert:
//   I29 no span of the change sequence is applied twice, none is left out; what was loaded from another store
//       counts for nothing
//   I30 a batch is in the order of the change sequence and within its span, and all of it is there with the
//       load cursor
// At every commit:
//   I30 the coordinator takes no change for loaded that the destination does not hold
//   I32 a load's outcome touches no window and no job
// At the end:
//   I30 the destination is the fold of the whole change sequence: the same rows, stamps and change numbers as
//       the store
//   I31 so no older version replaced a newer one
class LoaderChecker final : public Checker {
 public:
  LoaderChecker(World& world, const Warehouse& warehouse, const Disk& disk)
      : Checker(world), warehouse_(warehouse), disk_(disk), cursor_(warehouse.tables().cursor()) {}

  void OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                          const std::string& boot_id) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void OnUpsert(const std::vector<destinations::TypedRow>& rows, const destinations::LoadCursor& from,
                const destinations::LoadCursor& to) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  const Warehouse& warehouse_;
  const Disk& disk_;
  std::string store_id_;
  destinations::LoadCursor cursor_;  // as it should be in the destination
};

}  // namespace penstock::simulation
