// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/coordinator.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "coordinator/load_desk.h"
#include "tests/simulation/planted/bytes.h"
#include "tests/simulation/planted/decisions.h"

namespace penstock::simulation {

Coordinator::Coordinator(World& world, SimClock& clock, coordinator::CoreOptions options, uint64_t seed,
                         bool rocks)
    : world_(world),
      clock_(clock),
      seen_clock_(world, clock),
      options_(std::move(options)),
      process_(world, clock),
      random_(seed),
      disk_(world, process_, rocks ? NewRocksDurable(clock, world.dice) : planted::NewSpoiledDurable(world)) {
}

void Coordinator::Start() {
  CHECK(!process_.alive());
  process_.Begin();
  absl::StatusOr<std::unique_ptr<store::Store>> store = disk_.Open();
  if (!store.ok()) return Kill(world_.Uniform(absl::Milliseconds(200), absl::Seconds(3)));
  absl::StatusOr<std::unique_ptr<coordinator::Core>> core = coordinator::Core::Open(
      planted::WithSpoiledDecisions(world_, *std::move(store)), seen_clock_, random_, options_);
  // A start that fails (a full disk, a death while it recovers) is tried again, as a supervisor does.
  if (!core.ok() || disk_.TakeDeath()) {
    if (core.ok()) core->reset();
    return Kill(world_.Uniform(absl::Milliseconds(200), absl::Seconds(3)));
  }
  core_ = *std::move(core);
  desk_ = std::make_unique<planted::Desk>(world_, *core_);
  admin_ = std::make_unique<coordinator::AdminDesk>(*core_, "simulated");
  world_.Note("coordinator starts");
  const Moment now = clock_.Now();
  world_.Tell([&](Checker& checker) { checker.OnCoordinatorStart(*core_, now, clock_.BootId()); });
}

void Coordinator::Kill(absl::Duration down) {
  ++world_.crashes;
  world_.Note("coordinator dies");
  outbox_.clear();
  waiting_.clear();
  alarm_at_ = absl::InfiniteDuration();
  ++alarm_;
  admin_.reset();
  desk_.reset();
  core_.reset();
  process_.End();
  disk_.OnCrash();
  world_.queue.After(down, [this] { Start(); });
}

void Coordinator::Reboot(absl::Duration down) {
  Kill(down);
  clock_.Reboot();
}

void Coordinator::Handle(EventQueue::Event event) {
  process_.After(absl::ZeroDuration(), [this, event = std::move(event)] { Run(event); });
}

void Coordinator::Run(const EventQueue::Event& event) {
  const uint64_t before = core_->store().last_commit();
  event();
  bool fatal = !core_->fatal(core_->Enter()).ok();
  if (core_->store().last_commit() != before && !fatal) LookAgain();
  SetAlarm();
  const Moment now = clock_.Now();
  world_.Tell([&](Checker& checker) { checker.AfterCoordinatorEvent(*core_, now); });
  fatal = fatal || !core_->fatal(core_->Enter()).ok();
  if (disk_.TakeDeath() || fatal) return Kill(world_.Uniform(absl::Milliseconds(300), absl::Seconds(4)));
  const absl::Duration sync = disk_.TakeSyncTime();
  std::vector<EventQueue::Event> outbox = std::exchange(outbox_, {});
  if (sync > absl::ZeroDuration()) {
    for (EventQueue::Event& answer : outbox) process_.After(sync, std::move(answer));
    process_.Stop(sync);
    return;
  }
  for (const EventQueue::Event& answer : outbox) answer();
}

bool Coordinator::Look(Waiting& waiting) {
  absl::StatusOr<coordinator::WorkerDesk::PermitLook> look =
      desk_->LookForPermit(core_->Enter(), waiting.call);
  if (!look.ok()) {
    Reply<v1::AcquirePermitResponse>(waiting.answer, look.status());
    return waiting.answered = true;
  }
  if (auto* response = std::get_if<v1::AcquirePermitResponse>(&*look)) {
    if (response->has_permit()) {
      world_.Note("permit", response->permit().number());
      const Moment now = clock_.Now();
      world_.Tell([&](Checker& checker) { checker.OnPermitGiven(response->permit().number(), now); });
    }
    Reply<v1::AcquirePermitResponse>(waiting.answer, *std::move(response));
    return waiting.answered = true;
  }
  waiting.look_at = std::get<coordinator::WorkerDesk::LookAgain>(*look).at;
  return false;
}

void Coordinator::SetAlarm() {
  absl::Duration at = absl::InfiniteDuration();
  for (const Waiting& waiting : waiting_) at = std::min(at, waiting.look_at);
  if (at == alarm_at_) return;
  alarm_at_ = at;
  ++alarm_;
  if (at == absl::InfiniteDuration()) return;
  process_.After(clock_.ToVirtual(at - seen_clock_.Now().boot), [this, alarm = alarm_] {
    if (alarm != alarm_) return;
    alarm_at_ = absl::InfiniteDuration();
    Run([this] { LookAgain(); });
  });
}

void Coordinator::LookAgain() {
  // A look may change what another one sees.
  uint64_t before = 0;
  while (before != core_->store().last_commit()) {
    before = core_->store().last_commit();
    for (Waiting& waiting : waiting_) {
      if (!waiting.answered) Look(waiting);
    }
    waiting_.remove_if([](const Waiting& waiting) { return waiting.answered; });
  }
}

void Coordinator::Sync(const v1::SyncRequest& request, Answer<v1::SyncResponse> answer) {
  absl::StatusOr<v1::SyncResponse> response = desk_->Sync(request);
  const Moment now = clock_.Now();
  world_.Tell([&](Checker& checker) {
    for (const v1::HeldLease& held : request.held()) {
      bool lost = false;
      // A call that failed at the disk may have renewed all the same.
      if (response.ok()) {
        for (const v1::LeaseToken& token : response->lost()) {
          lost |= token.epoch() == held.token().epoch() && token.counter() == held.token().counter();
        }
      }
      if (!lost) checker.OnLeaseRenewed(held.token(), now);
    }
    if (!response.ok()) return;
    for (const v1::FetchAssignment& fetch : response->fetch()) checker.OnLeaseGranted(fetch, now);
  });
  Reply(answer, std::move(response));
}

void Coordinator::AcquirePermit(const v1::AcquirePermitRequest& request,
                                Answer<v1::AcquirePermitResponse> answer) {
  absl::StatusOr<coordinator::WorkerDesk::PermitCall> call =
      coordinator::WorkerDesk::OpenPermitCall(request, seen_clock_.Now());
  CHECK(call.ok());
  waiting_.push_back({*call, std::move(answer)});
  if (Look(waiting_.back())) waiting_.pop_back();
}

void Coordinator::ReportPermit(const v1::ReportPermitRequest& request,
                               Answer<v1::ReportPermitResponse> answer) {
  const absl::Status status = desk_->ReportPermit(request);
  const Moment now = clock_.Now();
  if (status.ok()) world_.Tell([&](Checker& checker) { checker.OnFateTold(request.report(), now); });
  absl::StatusOr<v1::ReportPermitResponse> response = v1::ReportPermitResponse();
  if (!status.ok()) response = status;
  Reply(answer, std::move(response));
}

void Coordinator::CommitPage(const worker::PageToCommit& page, const v1::PermitReport& permit,
                             Answer<v1::CommitPageResponse> answer) {
  v1::PageHeader header = page.header;
  *header.mutable_permit() = permit;
  world_.Tell([&](Checker& checker) { checker.OnPageArrives(header); });
  const uint64_t before = core_->store().last_commit();
  absl::StatusOr<v1::CommitPageResponse> response = desk_->CommitPage(header, page.rows, page.quarantined);
  if (response.ok()) {
    world_.pages += response->outcome() == v1::CommitPageResponse::APPLIED;
    world_.Note("page", header.window(), header.page(), static_cast<int>(response->outcome()));
    const bool wrote = core_->store().last_commit() != before;
    const Moment now = clock_.Now();
    world_.Tell([&](Checker& checker) { checker.OnPageAnswered(header, *response, wrote, now); });
  }
  Reply(answer, std::move(response));
}

void Coordinator::ReleaseWindow(const v1::ReleaseWindowRequest& request,
                                Answer<v1::ReleaseWindowResponse> answer) {
  const absl::Status status = desk_->ReleaseWindow(request);
  absl::StatusOr<v1::ReleaseWindowResponse> response = v1::ReleaseWindowResponse();
  if (!status.ok()) response = status;
  Reply(answer, std::move(response));
}

void Coordinator::ReadChanges(const v1::ReadChangesRequest& request,
                              Answer<worker::CoordinatorClient::Changes> answer) {
  worker::CoordinatorClient::Changes changes;
  const absl::Status status =
      coordinator::ReadChanges(*core_, request, [&](const v1::ReadChangesResponse& message) {
        changes.changes.insert(changes.changes.end(), message.changes().begin(), message.changes().end());
        changes.through = message.through();
        changes.head = message.head();
        changes.epoch = message.epoch();
        return true;
      });
  absl::StatusOr<worker::CoordinatorClient::Changes> response = std::move(changes);
  if (!status.ok()) response = status;
  Reply(answer, std::move(response));
}

void Coordinator::ReportLoad(const v1::ReportLoadRequest& request, Answer<v1::ReportLoadResponse> answer) {
  Reply(answer, coordinator::ReportLoad(*core_, request));
}

}  // namespace penstock::simulation
