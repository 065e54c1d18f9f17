// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "coordinator/admin_desk.h"
#include "coordinator/core.h"
#include "coordinator/worker_desk.h"
#include "tests/fakes/fake_clock.h"
#include "tests/simulation/tenant.h"

namespace penstock {

// What the source cannot do.
struct Inability {
  bool counts = false;   // $count in either form is refused
  bool filters = false;  // $filter is refused
};

// A coordinator on a memory store and one worker of one hand, page by page in virtual time; the source serves a
// simulation's tenant. Weeks of it take a second.
class SyncRun {
 public:
  explicit SyncRun(Inability unable = {});

  simulation::Tenant& tenant() { return tenant_; }
  absl::Time Now() const { return clock_.Now().wall; }
  absl::Duration Boot() const { return clock_.Now().boot; }
  void AdvanceTo(absl::Time time) { clock_.Advance(time - clock_.Now().wall); }

  // Reads until nothing is left to read. While the source is away the windows are asked for and given back.
  void Work(bool source_is_away = false);
  // Called before each page is committed, with the number of the request.
  std::function<void(uint64_t request)> before_commit = [](uint64_t) {};
  // The process ends and begins again on the same store.
  void Restart();

  coordinator::AdminDesk& admin() { return *admin_; }
  store::Store& store() { return *store_; }
  v1::Job LastJob();
  // Requests of all time, by endpoint.
  const std::map<Endpoint, uint64_t>& requests() const { return requests_; }

 private:
  void ReadChain(v1::FetchAssignment lease);
  uint64_t AwaitPermit(const v1::FetchAssignment& lease);
  v1::SyncResponse Sync(const v1::FetchAssignment* held);
  void Release(const v1::FetchAssignment& lease, v1::ReleaseWindowRequest::Reason reason);
  bool Refuses(const v1::FetchAssignment& lease) const;
  std::vector<v1::Row> Page(const v1::FetchAssignment& lease, v1::PageHeader& header) const;
  uint64_t Count(const v1::FetchAssignment& lease) const;

  const Inability unable_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::shared_ptr<store::Store> store_;
  simulation::Tenant tenant_;
  std::unique_ptr<coordinator::Core> core_;
  std::unique_ptr<coordinator::WorkerDesk> desk_;
  std::unique_ptr<coordinator::AdminDesk> admin_;
  std::map<Endpoint, uint64_t> requests_;
  uint64_t calls_ = 0;
};

}  // namespace penstock
