// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "proto/storage.pb.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/source.h"

namespace penstock::simulation {

// Against the tenant's own table. Checked at every commit of a page:
//   I24 no row that the source never served
//   I27 raw bytes are the served bytes
// At the end of every job whose windows are all done (the jobs of a run stand in for the sync that moves the
// watermark):
//   I23 every row of its range that could be seen from the job's start to its end is stored, in the version
//       of the start or a later one
// At the end of the run, after a last backfill of all with the faults off:
//   I23 every visible row is stored in its newest version
class TruthChecker final : public Checker {
 public:
  TruthChecker(World& world, const Source& source, const Disk& disk)
      : Checker(world), source_(source), disk_(disk) {}

  void OnStoreCommit(const StoreCommit& commit) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  struct Job {
    storage::JobRecord record;
    absl::Duration since;         // virtual time of its start
    uint64_t links_left_out = 0;  // by the source until then
    std::set<uint64_t> open;      // windows that are not done
  };
  void CheckJob(const Job& job);
  // Stored in a version not older than `version`.
  void CheckRow(Endpoint endpoint, const Tenant::Row& row, size_t version, const std::string& when);

  const Source& source_;
  const Disk& disk_;
  std::map<uint64_t, Job> jobs_;
};

}  // namespace penstock::simulation
