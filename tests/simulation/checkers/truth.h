// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "proto/storage.pb.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/source.h"

namespace penstock::simulation {

// Against the tenant's own table. Checked at every commit of a page:
//   I24 no row that the source never served
//   I26 every record that the answer had is a row or is quarantined
//   I27 raw bytes are the served bytes
// At the end of every job whose windows are all done (the jobs of a run stand in for the sync that moves the
// watermark):
//   I23 every row of its range that could be seen when the closing pass was planned is stored, in the version
//       of that moment or a later one; without a closing pass, of the job's start
// At the end of the run, after a last backfill of all with the faults off:
//   I23 every visible row is stored in its newest version
class TruthChecker final : public Checker {
 public:
  TruthChecker(World& world, const Source& source, const Disk& disk)
      : Checker(world), source_(source), disk_(disk) {}

  void OnPageServed(uint64_t permit, const std::vector<std::string>& records) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  struct Job {
    storage::JobRecord record;
    absl::Duration since;                   // virtual time of its start
    uint64_t links_left_out = 0;            // by the source until then
    std::set<uint64_t> open;                // windows that are not done
    std::map<int, absl::Duration> closing;  // by endpoint: when its closing pass was planned
  };
  void CheckPage(const store::PageWrite& page);
  void CheckJob(const Job& job);
  // Stored in a version not older than `version`.
  void CheckRow(Endpoint endpoint, const Tenant::Row& row, size_t version, const std::string& when);

  const Source& source_;
  const Disk& disk_;
  std::map<uint64_t, Job> jobs_;
  std::map<uint64_t, std::multiset<std::string>> served_;  // by permit
};

}  // namespace penstock::simulation
