// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "proto/storage.pb.h"
#include "tests/simulation/checker.h"
#include "tests/simulation/disk.h"

namespace penstock::simulation {

// Checked at every event:
//   I17 all rows, progress and next link of a page come in one commit, or none of them does
//   I19 a chain's pages are committed 0, 1, 2 .. without a gap
//   I20 a page that is committed already is answered and writes nothing
//   I21 a row's version never decreases; among equal stamps the later permit wins
//   I22 DONE: the last page of the last chain had no next link
//   I26 fetched = inserted + updated + identical + older + quarantined, in every commit
// At every start of the coordinator, and at the end:
//   I17 the day counters count the rows that are there
//   I18 what was acknowledged is there: the number of the last commit, and every row as this model has it
class CommitChecker final : public Checker {
 public:
  CommitChecker(World& world, const Disk& disk) : Checker(world), disk_(disk) {}

  void OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                          const std::string& boot_id) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void OnPageAnswered(const v1::PageHeader& header, const v1::CommitPageResponse& response, bool wrote,
                      const Moment& now) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  struct Version {
    absl::Time stamp;
    uint64_t permit = 0;
    std::string raw;
  };
  void OnPage(const store::PageWrite& page, const StoreCommit& commit);
  void CheckProgress(const store::PageWrite& page, const storage::WindowRecord& before,
                     const storage::WindowRecord& after);
  void CompareRows(const std::string& when);
  void CompareDays(Endpoint endpoint, const std::map<int64_t, uint64_t>& days, const std::string& when);

  const Disk& disk_;
  std::map<std::pair<Endpoint, std::string>, Version> rows_;
  std::map<uint64_t, storage::WindowRecord> windows_;
  struct Page {
    uint64_t window = 0;
    uint32_t before = 0;  // next_page before the commit
    size_t rows = 0;
    size_t quarantined = 0;
  } last_page_;
  uint64_t last_commit_ = 0;
  uint64_t last_acknowledged_ = 0;
};

}  // namespace penstock::simulation
