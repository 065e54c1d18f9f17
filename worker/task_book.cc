// SPDX-License-Identifier: Apache-2.0
#include "worker/task_book.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "proto/convert.h"

namespace penstock::worker {
namespace {

constexpr uint32_t kProtocol = 1;
constexpr absl::Duration kSyncAgainAfter = absl::Milliseconds(500);

bool RefusesForGood(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) ||
         absl::IsUnimplemented(status);
}

// A coordinator that lacks the latest acknowledged commit is a stale copy, so nothing moves it back or to another
// store. Answers overtake each other.
v1::StorePosition Later(const v1::StorePosition& seen, const v1::StorePosition& told) {
  const bool later =
      told.store_id() == seen.store_id() && told.acknowledged_commit() > seen.acknowledged_commit();
  return seen.store_id().empty() || later ? told : seen;
}

}  // namespace

v1::SyncRequest TaskBook::Request(const std::map<std::string, std::string>& credentials) const {
  v1::SyncRequest request;
  request.set_worker_id(id_);
  request.set_version(options_.version);
  request.set_protocol(kProtocol);
  v1::StorePosition seen = seen_;
  for (const std::shared_ptr<TaskSlot>& slot : running_) seen = Later(seen, slot->acknowledged());
  *request.mutable_seen() = seen;
  for (const auto& [source, generation] : credentials) {
    v1::SourceCredentials& known = *request.add_sources();
    known.set_source(source);
    known.set_generation(absl::StrCat(id_, "/", generation));
  }
  for (const std::string& destination : destinations_) request.add_destinations(destination);
  request.set_draining(draining_);
  request.set_fetch_capacity(draining_ ? 0 : options_.fetch_capacity);
  request.set_load_capacity(draining_ ? 0 : options_.load_capacity);
  request.set_query_capacity(options_.queries && !draining_ ? 1 : 0);
  for (const std::shared_ptr<TaskSlot>& slot : running_) *request.add_held() = slot->Held();
  return request;
}

TaskBook::Plan TaskBook::OnAnswer(const v1::SyncRequest& request,
                                  const absl::StatusOr<v1::SyncResponse>& response, double jitter) {
  Plan plan;
  plan.next_sync = kSyncAgainAfter * (1 + jitter);
  if (response.ok()) {
    seen_ = Later(seen_, response->store());
    for (const v1::LeaseToken& lost : response->lost()) {
      for (const std::shared_ptr<TaskSlot>& slot : running_) {
        if (slot->token().epoch() == lost.epoch() && slot->token().counter() == lost.counter()) slot->Lose();
      }
    }
    plan.next_sync = FromProto(response->next_sync());
    plan.fetch.assign(response->fetch().begin(), response->fetch().end());
    plan.load.assign(response->load().begin(), response->load().end());
  } else if (RefusesForGood(response.status())) {
    plan.ended = true;
    plan.result = response.status();
    return plan;
  } else if (!request.draining()) {
    const bool refused = absl::IsPermissionDenied(response.status());
    Log(LogLevel::kWarning,
        refused ? "the coordinator refuses this worker; trying again"
                : "the coordinator does not answer; trying again",
        {{"error", std::string(response.status().message())}});
  }
  plan.ended = request.draining() && request.held_size() == 0;
  return plan;
}

std::shared_ptr<TaskSlot> TaskBook::Start(const v1::LeaseToken& token, std::function<void()> on_trouble) {
  auto slot = std::make_shared<TaskSlot>(token, std::move(on_trouble));
  if (draining_) slot->Drain();
  running_.push_back(slot);
  return slot;
}

void TaskBook::End(const TaskSlot* slot) {
  seen_ = Later(seen_, slot->acknowledged());
  running_.remove_if([&](const std::shared_ptr<TaskSlot>& other) { return other.get() == slot; });
}

void TaskBook::Drain() {
  draining_ = true;
  for (const std::shared_ptr<TaskSlot>& slot : running_) slot->Drain();
}

void TaskBook::LoseAll() {
  for (const std::shared_ptr<TaskSlot>& slot : running_) slot->Lose();
}

}  // namespace penstock::worker
