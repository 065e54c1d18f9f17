// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "base/random.h"
#include "coordinator/admin_desk.h"
#include "coordinator/core.h"
#include "coordinator/worker_desk.h"
#include "tests/fakes/fake_clock.h"
#include "tests/planner/counting_store.h"
#include "tests/planner/tenant.h"

namespace penstock {

struct Latency {
  absl::Duration first_byte;
  absl::Duration body;
};

// What a source gets wrong on purpose.
struct Oddity {
  bool refuses_two_keys = false;  // 400 for created_time desc, id desc
  bool ignores_order = false;     // pages come in no order of time
  bool refuses_filter = false;
  bool ignores_filter = false;
  bool refuses_count = false;
};

// A backfill of a tenant in virtual time, on one thread: the real coordinator, the real desks, workers of one
// hand each that speak to them as a worker process does, and a source that answers after its latency. Rows
// have no bytes, everything else is what production does.
class VirtualRun {
 public:
  VirtualRun(const Tenant& tenant, Latency latency, uint32_t workers, Oddity oddity = {});

  v1::Job Backfill(std::optional<absl::Time> from = std::nullopt);
  // Until the job is done. False: it did not come to an end within a week.
  bool Finish(const v1::Job& job);
  // Called after every commit.
  std::function<void()> after_commit = [] {};
  // Called with every permit, and how long its request had asked for it.
  std::function<void(const v1::FetchAssignment&, absl::Duration waited)> on_permit =
      [](const v1::FetchAssignment&, absl::Duration) {};
  // So many of the newest records of each endpoint have a new stamp, which a sync finds.
  uint64_t restamped = 0;

  struct Spent {
    uint64_t requests = 0;     // all
    uint64_t counts = 0;       // of these, counts
    uint64_t closing = 0;      // of these, closing passes
    uint64_t refused = 0;      // answered with 400
    uint64_t nothing_new = 0;  // pages without a row that was not stored before
  };
  const Spent& spent() const { return spent_; }
  absl::Duration Elapsed() const { return clock_.Now().boot - start_; }
  CountingStore& store() { return *store_; }
  coordinator::Core& core() { return *core_; }
  coordinator::AdminDesk& admin() { return *admin_; }
  v1::Job Job(uint64_t number);
  std::vector<v1::Window> Windows(uint64_t job);
  // Every record of the tenant is stored.
  bool HasAll() const;

 private:
  struct Hand {
    std::string id;
    std::optional<v1::FetchAssignment> lease;
    std::optional<coordinator::WorkerDesk::PermitCall> call;
    uint64_t permit = 0;
    absl::Duration asked_since;
  };
  enum class Kind { kSync, kLook, kAnswer };
  struct Event {
    absl::Duration at;
    uint64_t number;
    Kind kind;
    size_t hand;
    bool operator>(const Event& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };

  void Schedule(absl::Duration at, Kind kind, size_t hand);
  void Sync(size_t hand);
  void BeginRequest(size_t hand);
  void BeginCall(size_t hand);
  void Look(size_t hand);
  void LookAll();
  void Answer(size_t hand);
  bool Refuses(const v1::FetchAssignment& lease) const;
  v1::PermitReport Report(const Hand& hand, int status, absl::Duration body) const;
  // The page that stands behind the lease's next link, and the link after it.
  std::vector<v1::Row> Page(const v1::FetchAssignment& lease, v1::PageHeader& header) const;
  void EndLease(size_t hand);

  const Tenant& tenant_;
  const Latency latency_;
  const Oddity oddity_;
  FakeClock clock_;
  SeededRandom random_{1};
  CountingStore* store_ = nullptr;  // the core's
  std::unique_ptr<coordinator::Core> core_;
  std::unique_ptr<coordinator::WorkerDesk> desk_;
  std::unique_ptr<coordinator::AdminDesk> admin_;
  std::vector<Hand> hands_;
  std::priority_queue<Event, std::vector<Event>, std::greater<Event>> events_;
  uint64_t events_ever_ = 0;
  uint64_t calls_ = 0;
  absl::Duration start_;
  Spent spent_;
};

}  // namespace penstock
