// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "coordinator/core.h"
#include "destinations/destination.h"
#include "proto/worker_service.pb.h"
#include "store/store.h"
#include "tests/simulation/tenant.h"

namespace penstock::simulation {

struct World;

// A request as it leaves a worker.
struct RequestSent {
  uint64_t permit = 0;
  std::string url;
};

// A commit as the store took it. `page` is null without one.
struct StoreCommit {
  const store::PageWrite* page = nullptr;
  const store::Committed* committed = nullptr;
  Moment now;  // the coordinator's clocks
  std::string boot_id;
};

// One file of invariants. What happens in the cluster is told as it happens; a checker keeps its own model
// and calls Violated. `now` is virtual time, which nobody in the cluster can see.
class Checker {
 public:
  explicit Checker(World& world) : world_(world) {}
  virtual ~Checker() = default;

  // Worker and source.
  virtual void OnRequestSent(const RequestSent& sent) {}
  virtual void OnArrival(uint64_t permit, absl::Duration source_clock) {}
  // The records of a page, as the source sends it in answer to that permit's request.
  virtual void OnPageServed(uint64_t permit, const std::vector<std::string>& records) {}

  // Coordinator. A start: recovery is over, nobody has called yet.
  virtual void OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                                  const std::string& boot_id) {}
  virtual void OnStoreCommit(const StoreCommit& commit) {}
  virtual void OnPermitGiven(uint64_t permit, const Moment& now) {}
  // A permit's fate as its worker told it, taken and durable; pages tell the others.
  virtual void OnFateTold(const v1::PermitReport& report, const Moment& now) {}
  virtual void OnLeaseGranted(const v1::FetchAssignment& assignment, const Moment& now) {}
  virtual void OnLeaseRenewed(const v1::LeaseToken& token, const Moment& now) {}
  // Before the coordinator looks at it.
  virtual void OnPageArrives(const v1::PageHeader& header) {}
  virtual void OnPageAnswered(const v1::PageHeader& header, const v1::CommitPageResponse& response,
                              bool wrote, const Moment& now) {}
  virtual void AfterCoordinatorEvent(coordinator::Core& core, const Moment& now) {}

  // Destination: after an upsert that was applied.
  virtual void OnUpsert(const std::vector<destinations::TypedRow>& rows, const destinations::LoadCursor& from,
                        const destinations::LoadCursor& to) {}

  // Faults are off and all work is done.
  virtual void AtEnd(coordinator::Core& core) {}

 protected:
  // The run ends here. `invariant`: "I12".
  void Violated(const std::string& invariant, const std::string& what);

  World& world_;
};

}  // namespace penstock::simulation
