// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/worker_node.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "proto/convert.h"
#include "tests/simulation/planted/worker.h"
#include "worker/limits.h"

namespace penstock::simulation {

WorkerNode::Fetch::Fetch(const v1::FetchAssignment& assignment, std::shared_ptr<worker::TaskSlot> slot,
                         Random& random)
    : assignment(assignment), slot(std::move(slot)), session(assignment, kSourceUrl, random, *this->slot) {}

WorkerNode::Load::Load(const v1::LoadAssignment& assignment, const std::string& store_id,
                       std::shared_ptr<worker::TaskSlot> slot)
    : slot(std::move(slot)), session(assignment, store_id, *this->slot) {}

WorkerNode::WorkerNode(World& world, SimClock& clock, Coordinator& coordinator, Wire& wire,
                       Warehouse& warehouse, worker::WorkerOptions options, absl::Duration way, bool constant,
                       uint64_t seed)
    : world_(world),
      process_(world, clock),
      coordinator_(coordinator),
      transport_(world, wire),
      warehouse_(warehouse),
      options_(std::move(options)),
      network_(world, process_, coordinator, way, constant),
      random_(seed) {}

void WorkerNode::Start() {
  process_.Begin();
  world_.Note("worker starts");
  book_ = std::make_unique<worker::TaskBook>(NewId(random_), options_, std::vector<std::string>{"warehouse"});
  syncing_ = false;
  Sync();
}

void WorkerNode::Kill(absl::Duration down) {
  if (!process_.alive()) return;
  ++world_.crashes;
  world_.Note("worker dies");
  process_.End();
  fetches_.clear();
  loads_.clear();
  world_.queue.After(down, [this] { Start(); });
}

void WorkerNode::Drain() {
  if (!process_.alive()) return;
  book_->Drain();
  WakePausing();
  SyncSoon();
}

bool WorkerNode::DiesOf(Fault fault) {
  if (!world_.Strikes(fault)) return false;
  // At the end of this event, so that whoever called us is through.
  process_.After(absl::ZeroDuration(),
                 [this] { Kill(world_.Uniform(absl::Milliseconds(100), absl::Seconds(20))); });
  return true;
}

void WorkerNode::SyncSoon() {
  sync_soon_ = true;
  if (syncing_) return;
  process_.After(absl::ZeroDuration(), [this] {
    if (sync_soon_ && !syncing_) Sync();
  });
}

void WorkerNode::Sync() {
  syncing_ = true;
  sync_soon_ = false;
  const v1::SyncRequest request = book_->Request({{"acme", absl::StrCat("key-", key_)}});
  network_.Call<v1::SyncResponse>(
      Rpc::kSync, worker::kCallSlack,
      [this, request](Network::Answer<v1::SyncResponse> answer) { coordinator_.Sync(request, answer); },
      [this, request](const absl::StatusOr<v1::SyncResponse>& response) { OnSyncAnswer(request, response); });
}

void WorkerNode::OnSyncAnswer(const v1::SyncRequest& request,
                              const absl::StatusOr<v1::SyncResponse>& response) {
  syncing_ = false;
  const worker::TaskBook::Plan plan = book_->OnAnswer(request, response, random_.Fraction());
  WakePausing();
  if (plan.ended) {
    // Drained: a supervisor starts it again. Refused: a person has to look, and finds a bug here.
    refused_.Update(plan.result);
    if (!plan.result.ok())
      world_.Violate("I18", absl::StrCat("a worker was refused: ", plan.result.message()));
    return Kill(absl::Seconds(2));
  }
  StartAll(plan);
  if (sync_soon_ || book_->draining() != request.draining()) return SyncSoon();
  process_.After(process_.clock().ToVirtual(plan.next_sync), [this, number = ++sync_number_] {
    if (number == sync_number_ && !syncing_) Sync();
  });
}

void WorkerNode::StartAll(const worker::TaskBook::Plan& plan) {
  for (const v1::FetchAssignment& assignment : plan.fetch) {
    const uint64_t task = next_task_++;
    std::shared_ptr<worker::TaskSlot> slot = book_->Start(assignment.token(), [this] { SyncSoon(); });
    fetches_[task] = std::make_unique<Fetch>(assignment, std::move(slot), random_);
    Perform(task, fetches_[task]->session.Begin());
  }
  for (const v1::LoadAssignment& assignment : plan.load) {
    const uint64_t task = next_task_++;
    std::shared_ptr<worker::TaskSlot> slot = book_->Start(assignment.token(), [this] { SyncSoon(); });
    loads_[task] = std::make_unique<Load>(assignment, book_->store_id(), std::move(slot));
    PerformLoad(task, loads_[task]->session.Begin());
  }
}

void WorkerNode::WakePausing() {
  for (const auto& [task, fetch] : fetches_) {
    const bool drains = fetch->slot->draining() && !fetch->although_draining;
    if (!fetch->pausing || !(fetch->slot->lost() || drains)) continue;
    fetch->pausing = false;
    process_.After(absl::ZeroDuration(), [this, task = task] {
      if (fetches_.contains(task)) Perform(task, fetches_.at(task)->session.OnPaused(process_.clock().Now()));
    });
  }
}

void WorkerNode::EndTask(uint64_t task) {
  if (const auto fetch = fetches_.find(task); fetch != fetches_.end()) book_->End(fetch->second->slot.get());
  if (const auto load = loads_.find(task); load != loads_.end()) book_->End(load->second->slot.get());
  fetches_.erase(task);
  loads_.erase(task);
  SyncSoon();
}

// Each step as fetch_runner.cc performs it. Nothing outlives the process: its events die with it.
struct WorkerNode::FetchPerformer {
  WorkerNode& node;
  uint64_t task;
  Fetch& fetch;

  void operator()(const worker::AskPermit& step) {
    const absl::Duration asked = node.process_.Now().boot;
    node.network_.Call<v1::AcquirePermitResponse>(
        Rpc::kAcquirePermit, FromProto(step.request.patience()) + worker::kCallSlack,
        [&node = node, request = step.request](Network::Answer<v1::AcquirePermitResponse> answer) {
          node.coordinator_.AcquirePermit(request, answer);
        },
        [&node = node, task = task, asked](const absl::StatusOr<v1::AcquirePermitResponse>& response) {
          Fetch& fetch = *node.fetches_.at(task);
          const bool permit = response.ok() && response->has_permit();
          if (permit) fetch.permit = response->permit().number();
          if (permit && node.DiesOf(Fault::kWorkerKilledWithPermit)) return;
          node.Perform(task, fetch.session.OnPermit(response, asked));
        });
  }
  void operator()(const worker::SendRequest& step) {
    node.transport_.Send(node.process_, fetch.permit, step.url, step.send_before,
                         [&node = node, task = task](const worker::SourceClient::Sent& sent) {
                           if (node.DiesOf(Fault::kWorkerKilledWithAnswer)) return;
                           Fetch& fetch = *node.fetches_.at(task);
                           node.Perform(task, fetch.session.OnSent(sent, node.process_.Now()));
                         });
    node.DiesOf(Fault::kWorkerKilledAfterSending);
  }
  void operator()(const worker::CommitPage& step) {
    auto page = std::make_shared<worker::PageToCommit>(*step.page);
    planted::SpoilPage(node.world_, *page);
    v1::PermitReport report = fetch.session.Report(node.process_.Now());
    planted::SpoilReport(node.world_, report);
    node.network_.Call<v1::CommitPageResponse>(
        Rpc::kCommitPage, worker::kCommitDeadline,
        [&node = node, page, report](Network::Answer<v1::CommitPageResponse> answer) {
          node.coordinator_.CommitPage(*page, report, answer);
        },
        [&node = node, task = task](const absl::StatusOr<v1::CommitPageResponse>& response) {
          node.Perform(task, node.fetches_.at(task)->session.OnCommitted(response));
        });
    node.DiesOf(Fault::kWorkerKilledInCommit);
  }
  void operator()(const worker::TellFate&) {
    v1::ReportPermitRequest request = fetch.session.FateReport(node.process_.Now());
    planted::SpoilReport(node.world_, *request.mutable_report());
    node.network_.Call<v1::ReportPermitResponse>(
        Rpc::kReportPermit, worker::kCallSlack,
        [&node = node, request](Network::Answer<v1::ReportPermitResponse> answer) {
          node.coordinator_.ReportPermit(request, answer);
        },
        [&node = node, task = task](const absl::StatusOr<v1::ReportPermitResponse>& response) {
          node.Perform(task, node.fetches_.at(task)->session.OnFateTold(response.status()));
        });
  }
  void operator()(const worker::ReturnWindow& step) {
    node.network_.Call<v1::ReleaseWindowResponse>(
        Rpc::kReleaseWindow, worker::kCallSlack,
        [&node = node, request = step.request](Network::Answer<v1::ReleaseWindowResponse> answer) {
          node.coordinator_.ReleaseWindow(request, answer);
        },
        [&node = node, task = task](const absl::StatusOr<v1::ReleaseWindowResponse>& response) {
          node.Perform(task, node.fetches_.at(task)->session.OnReturned(response.status()));
        });
  }
  void operator()(const worker::Pause& step) {
    fetch.pausing = true;
    fetch.although_draining = step.although_draining;
    node.process_.After(
        node.process_.clock().ToVirtual(step.duration), [&node = node, task = task, number = ++fetch.pauses] {
          const auto fetch = node.fetches_.find(task);
          if (fetch == node.fetches_.end() || !fetch->second->pausing || fetch->second->pauses != number)
            return;
          fetch->second->pausing = false;
          node.Perform(task, fetch->second->session.OnPaused(node.process_.clock().Now()));
        });
    node.WakePausing();
  }
  void operator()(const worker::SessionEnded&) { node.EndTask(task); }
};

void WorkerNode::Perform(uint64_t task, worker::FetchStep step) {
  std::visit(FetchPerformer{*this, task, *fetches_.at(task)}, step);
}

// Each step as load_runner.cc performs it.
struct WorkerNode::LoadPerformer {
  WorkerNode& node;
  uint64_t task;

  void operator()(worker::OpenAndReadCursor&) {
    node.warehouse_.Prepare(node.process_,
                            [&node = node, task = task](absl::StatusOr<destinations::LoadCursor> cursor) {
                              planted::SpoilCursor(node.world_, node.book_->store_id(), cursor);
                              node.PerformLoad(task, node.loads_.at(task)->session.OnPrepared(cursor));
                            });
  }
  void operator()(worker::FetchChanges& step) {
    using Changes = worker::CoordinatorClient::Changes;
    node.network_.Call<Changes>(
        Rpc::kReadChanges, worker::kCommitDeadline,
        [&node = node, request = step.request](Network::Answer<Changes> answer) {
          node.coordinator_.ReadChanges(request, answer);
        },
        [&node = node, task = task](const absl::StatusOr<Changes>& changes) {
          node.PerformLoad(task, node.loads_.at(task)->session.OnChanges(changes));
        });
  }
  void operator()(worker::UpsertRows& step) {
    node.warehouse_.Upsert(node.process_, std::move(step.rows), step.from, step.to,
                           [&node = node, task = task](absl::Status status) {
                             planted::SpoilOutcome(node.world_, status);
                             node.PerformLoad(task, node.loads_.at(task)->session.OnWritten(status));
                           });
  }
  void operator()(worker::WriteCoverage& step) {
    node.PerformLoad(task,
                     node.loads_.at(task)->session.OnCoverage(absl::UnimplementedError("kept nowhere")));
  }
  void operator()(worker::TellLoad& step) {
    node.network_.Call<v1::ReportLoadResponse>(
        Rpc::kReportLoad, worker::kCallSlack,
        [&node = node, request = step.request](Network::Answer<v1::ReportLoadResponse> answer) {
          node.coordinator_.ReportLoad(request, answer);
        },
        [&node = node, task = task](const absl::StatusOr<v1::ReportLoadResponse>& response) {
          node.PerformLoad(task, node.loads_.at(task)->session.OnTold(response));
        });
  }
  void operator()(worker::LoadEnded&) { node.EndTask(task); }
};

void WorkerNode::PerformLoad(uint64_t task, worker::LoadStep step) {
  std::visit(LoadPerformer{*this, task}, step);
}

}  // namespace penstock::simulation
