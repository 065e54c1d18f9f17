// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "proto/storage.pb.h"
#include "tests/simulation/checker.h"

namespace penstock::simulation {

// Checked at every event:
//   I10 a window's token only grows, over all restarts
//   I11 at most one lease per window
//   I12 no page is applied but under the window's current token
//   I13 nothing is applied for a lease that has expired
//   I14 leases live on the boot clock: this model's deadlines know no wall clock
//   I15 windows and jobs move along allowed edges only
// At the end:
//   I16 the windows of a finished job's range touch and do not overlap, and cover the range
class LeaseChecker final : public Checker {
 public:
  using Checker::Checker;

  void OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                          const std::string& boot_id) override;
  void OnStoreCommit(const StoreCommit& commit) override;
  void OnLeaseGranted(const v1::FetchAssignment& assignment, const Moment& now) override;
  void OnLeaseRenewed(const v1::LeaseToken& token, const Moment& now) override;
  void OnPageArrives(const v1::PageHeader& header) override;
  void OnPageAnswered(const v1::PageHeader& header, const v1::CommitPageResponse& response, bool wrote,
                      const Moment& now) override;
  void AfterCoordinatorEvent(coordinator::Core& core, const Moment& now) override;
  void AtEnd(coordinator::Core& core) override;

 private:
  using Token = std::pair<uint64_t, uint64_t>;
  void OnWindow(const storage::WindowRecord& window);

  std::map<uint64_t, storage::WindowRecord> windows_;
  std::map<uint64_t, storage::JobRecord> jobs_;
  std::map<uint64_t, Token> arrived_;  // window -> the token of the last page that came for it
  std::map<Token, absl::Duration> deadlines_;
};

}  // namespace penstock::simulation
