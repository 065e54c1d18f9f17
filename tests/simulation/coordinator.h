// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/admin_desk.h"
#include "coordinator/core.h"
#include "coordinator/worker_desk.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/planted/clock.h"
#include "tests/simulation/planted/desk.h"
#include "tests/simulation/process.h"
#include "worker/coordinator_client.h"
#include "worker/fetch_task.h"

namespace penstock::simulation {

// The real Core with its desks, in a process that can die at any event, also between a store write and the
// answer; it is started again some seconds later, after a reboot too. What the gRPC shell does stands here:
// calls that wait for permits look again whenever something changed.
class Coordinator {
 public:
  Coordinator(World& world, SimClock& clock, coordinator::CoreOptions options, uint64_t seed, bool rocks);

  void Start();
  // Whatever it was about to answer is lost.
  void Kill(absl::Duration down);
  void Reboot(absl::Duration down);

  bool up() const { return process_.alive(); }
  Process& process() { return process_; }
  Disk& disk() { return disk_; }
  // Valid while it is up.
  coordinator::Core& core() { return *core_; }
  coordinator::AdminDesk& admin() { return *admin_; }

  // One event of the coordinator. While it is stopped it waits.
  void Handle(EventQueue::Event event);

  template <typename Response>
  using Answer = std::function<void(absl::StatusOr<Response>)>;
  void Sync(const v1::SyncRequest& request, Answer<v1::SyncResponse> answer);
  void AcquirePermit(const v1::AcquirePermitRequest& request, Answer<v1::AcquirePermitResponse> answer);
  void ReportPermit(const v1::ReportPermitRequest& request, Answer<v1::ReportPermitResponse> answer);
  void CommitPage(const worker::PageToCommit& page, const v1::PermitReport& permit,
                  Answer<v1::CommitPageResponse> answer);
  void ReleaseWindow(const v1::ReleaseWindowRequest& request, Answer<v1::ReleaseWindowResponse> answer);
  void ReadChanges(const v1::ReadChangesRequest& request, Answer<worker::CoordinatorClient::Changes> answer);
  void ReportLoad(const v1::ReportLoadRequest& request, Answer<v1::ReportLoadResponse> answer);

 private:
  struct Waiting {
    coordinator::WorkerDesk::PermitCall call;
    Answer<v1::AcquirePermitResponse> answer;
    absl::Duration look_at = {};  // boot clock
    bool answered = false;
  };
  void Run(const EventQueue::Event& event);
  // True when it has its answer.
  bool Look(Waiting& waiting);
  void LookAgain();
  // One alarm for all who wait.
  void SetAlarm();
  // Answers leave when the event is over and the disk has synced what it wrote.
  template <typename Response>
  void Reply(const Answer<Response>& answer, absl::StatusOr<Response> response) {
    outbox_.push_back([answer, response = std::move(response)] { answer(response); });
  }

  World& world_;
  SimClock& clock_;
  const planted::CoordinatorClock seen_clock_;
  const coordinator::CoreOptions options_;
  Process process_;
  SeededRandom random_;
  Disk disk_;
  std::unique_ptr<coordinator::Core> core_;
  std::unique_ptr<planted::Desk> desk_;
  std::unique_ptr<coordinator::AdminDesk> admin_;
  std::list<Waiting> waiting_;
  absl::Duration alarm_at_ = absl::InfiniteDuration();  // boot clock
  uint64_t alarm_ = 0;
  std::vector<EventQueue::Event> outbox_;
};

}  // namespace penstock::simulation
