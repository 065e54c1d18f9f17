// SPDX-License-Identifier: Apache-2.0
#include "coordinator/load_desk.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

constexpr size_t kMessageBytes = 2 << 20;

bool IsDue(Core& core, const Core::Turn& turn, const storage::SourceRecord& source,
           const std::string& destination) {
  if (core.leases().FindLoad(source.id(), destination) != nullptr) return false;
  const Core::LoadTry& load_try = core.load_try(source.id(), destination);
  if (turn.now.boot < load_try.next_try) return false;
  const storage::LoadRecord* load = core.state().FindLoad(source.id(), destination);
  return !load_try.checked || load == nullptr || load->loaded() != source.last_change();
}

// As much as a person reads, whoever the worker is.
void KeepSetAside(const v1::SetAsideRows& told, storage::LoadRecord& load) {
  load.set_set_aside(told.total());
  load.clear_set_aside_rows();
  for (const std::string& row : told.rows()) {
    if (load.set_aside_rows_size() < kSetAsideShown && row.size() <= kSetAsideBytes)
      load.add_set_aside_rows(row);
  }
}

absl::Status LostLease() { return absl::AbortedError("this load's lease has ended; drop the task"); }

}  // namespace

void LeaseLoads(Core& core, const Core::Turn& turn, const v1::SyncRequest& request,
                v1::SyncResponse& response) {
  size_t holds = 0;
  for (const Lease& lease : core.leases().OfWorker(request.worker_id())) holds += lease.window == 0;
  for (const std::string& destination : request.destinations()) {
    if (holds >= request.load_capacity()) return;
    auto known = core.options().destinations.find(destination);
    if (known == core.options().destinations.end()) continue;
    const storage::SourceRecord* source = core.state().FindSource(known->second);
    if (source == nullptr || !IsDue(core, turn, *source, destination)) continue;
    Lease lease;
    lease.token = core.leases().NextToken();
    lease.worker = request.worker_id();
    lease.deadline = turn.now.boot + kLease;
    lease.source = source->id();
    lease.destination = destination;
    v1::LoadAssignment& assignment = *response.add_load();
    *assignment.mutable_token() = lease.token;
    assignment.set_source(source->name());
    assignment.set_destination(destination);
    assignment.set_head(source->last_change());
    core.leases().Grant(std::move(lease));
    ++holds;
  }
}

absl::Status ReadChanges(Core& core, const v1::ReadChangesRequest& request,
                         const std::function<bool(const v1::ReadChangesResponse&)>& send) {
  uint32_t source = 0;
  {
    const Core::Turn turn = core.Enter();
    const Lease* lease = core.leases().Find(request.token(), turn.now.boot);
    if (lease == nullptr || lease->window != 0) return LostLease();
    source = lease->source;
  }
  const uint64_t max_bytes = request.max_bytes() == 0 ? kChangesBytesDefault : request.max_bytes();
  // Reads see whole commits and need no lock (store.h).
  ASSIGN_OR_RETURN(store::Changes changes,
                   core.store().ReadChanges(source, request.after(), std::min(max_bytes, kChangesBytesMax)));
  v1::ReadChangesResponse message;
  message.set_head(changes.head);
  message.set_through(request.after());
  size_t bytes = 0;
  for (v1::Change& change : changes.changes) {
    bytes += change.row().raw().size();
    message.set_through(change.number());
    *message.add_changes() = std::move(change);
    if (bytes < kMessageBytes) continue;
    if (!send(message)) return absl::CancelledError("the worker went away");
    message.clear_changes();
    bytes = 0;
  }
  message.set_through(changes.through);
  if (!send(message)) return absl::CancelledError("the worker went away");
  return absl::OkStatus();
}

absl::StatusOr<v1::ReportLoadResponse> ReportLoad(Core& core, const v1::ReportLoadRequest& request) {
  const Core::Turn turn = core.Enter();
  const Lease* lease = core.leases().Find(request.token(), turn.now.boot);
  if (lease == nullptr || lease->window != 0 || lease->destination != request.destination())
    return LostLease();
  const Lease held = *lease;
  const storage::SourceRecord& source = core.state().sources().at(held.source);
  storage::LoadRecord load;
  if (const storage::LoadRecord* known = core.state().FindLoad(held.source, held.destination)) load = *known;
  load.set_source(held.source);
  load.set_destination(held.destination);
  load.set_rows(load.rows() + request.rows());
  load.set_irregular(load.irregular() + request.irregular());
  *load.mutable_last_report() = ToProto(turn.now.wall);
  if (request.has_set_aside()) KeepSetAside(request.set_aside(), load);

  v1::ReportLoadResponse response;
  Core::LoadTry& load_try = core.load_try(held.source, held.destination);
  load_try.tried = true;
  if (request.has_failure()) {
    load.set_failure(request.failure().detail());
    load.set_failure_kind(request.failure().kind());
    load_try.backoff = std::clamp(load_try.backoff * 2, kLoadRetryFirst, kLoadRetryMax);
    load_try.next_try = turn.now.boot + load_try.backoff;
    Log(LogLevel::kWarning, "a load failed; it is tried again by itself",
        {{"destination", held.destination}, {"error", request.failure().detail()}});
  } else {
    load.clear_failure();
    load.clear_failure_kind();
    load.set_loaded(request.loaded());
    load_try = {.checked = true, .tried = true, .next_try = turn.now.boot, .backoff = absl::ZeroDuration()};
    response.set_carry_on(request.loaded() < source.last_change());
  }
  RETURN_IF_ERROR(core.Commit(turn, {load}));
  if (!response.carry_on()) core.leases().End(held.token.epoch(), held.token.counter());
  return response;
}

}  // namespace penstock::coordinator
