// SPDX-License-Identifier: Apache-2.0
#include "coordinator/load_desk.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/change_eras.h"
#include "coordinator/coverage_report.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

constexpr size_t kMessageBytes = 2 << 20;

bool IsWorkedOn(const Core& core, const storage::SourceRecord& source) {
  for (const auto& [number, job] : core.state().JobsOfSource(source.id())) {
    if (job->state() == storage::JobRecord::RUNNING) return true;
  }
  return false;
}

// More rows will come, and the destination would rather wait for them.
bool Gathers(const Core& core, const storage::SourceRecord& source, const std::string& destination) {
  return core.options().load_intervals.count(destination) > 0 && IsWorkedOn(core, source);
}

bool IsOpen(const v1::Verification& verification) {
  return verification.state() == v1::Verification::WAITING ||
         verification.state() == v1::Verification::RUNNING;
}

// What is due, if anything is.
std::optional<v1::LoadKind> DueLoad(Core& core, const Core::Turn& turn, const storage::SourceRecord& source,
                                    const std::string& destination, const std::string& coverage) {
  if (core.leases().FindLoad(source.id(), destination) != nullptr) return std::nullopt;
  const Core::LoadTry& load_try = core.load_try(source.id(), destination);
  const storage::LoadRecord* load = core.state().FindLoad(source.id(), destination);
  const bool resync = load != nullptr && load->resync();
  const bool paused = load != nullptr && load->has_pause();
  const auto verification = core.verifications().find({source.id(), destination});
  if (verification != core.verifications().end() && IsOpen(verification->second)) {
    // One that refuses its loads can tell why to whoever asks; one that is paused is only read.
    const bool failing = load != nullptr && !load->failure().empty();
    if ((load_try.checked && !resync) || failing || paused) return v1::VERIFY;
  }
  if (paused || turn.now.boot < load_try.next_try) return std::nullopt;
  if (resync) return v1::RESYNC;
  if (Gathers(core, source, destination) &&
      turn.now.boot < load_try.ended + core.options().load_intervals.at(destination)) {
    return std::nullopt;
  }
  const bool lacks = !load_try.checked || load == nullptr || load->loaded() != source.last_change();
  if (lacks || load_try.coverage != coverage) return v1::CATCH_UP;
  return std::nullopt;
}

// Worked out now and then, because it reads a counter for each day, and once more when the work is done. Empty where no
// coverage is reported.
const v1::CoverageReport& Coverage(Core& core, const Core::Turn& turn, const storage::SourceRecord& source) {
  Core::CoverageKnown& known = core.coverage(source.id());
  if (!core.options().report_coverage) return known.report;
  const bool final = known.stale && !IsWorkedOn(core, source);
  if (!final && turn.now.boot < known.at + kCoverageEvery) return known.report;
  known.at = turn.now.boot;
  known.stale = false;
  absl::StatusOr<v1::CoverageReport> report = ReportCoverage(core, turn, source);
  if (report.ok()) {
    known.report = *std::move(report);
  } else {
    Log(LogLevel::kError, "the coverage cannot be read",
        {{"source", source.name()}, {"error", std::string(report.status().message())}});
  }
  return known.report;
}

template <typename Message>
void KeepFirst(int count, google::protobuf::RepeatedPtrField<Message>& all) {
  if (all.size() > count) all.DeleteSubrange(count, all.size() - count);
}

void KeepVerification(Core& core, const Core::Turn& turn, const Lease& held,
                      const v1::ReportLoadRequest& request) {
  v1::Verification& kept = core.verifications()[{held.source, held.destination}];
  const uint64_t number = kept.number();
  if (request.kind() == v1::VERIFY) kept = request.verification();
  kept.set_number(number);
  kept.set_state(v1::Verification::DONE);
  if (request.kind() != v1::VERIFY || request.has_failure()) {
    kept.set_state(v1::Verification::FAILED);
    kept.set_failure(request.has_failure() ? request.failure().detail()
                                           : "the worker is of an earlier version and cannot compare");
    kept.set_failure_kind(request.failure().kind());
  }
  for (v1::TableComparison& table : *kept.mutable_tables()) {
    KeepFirst(kDifferencesShown, *table.mutable_differences());
    KeepFirst(kDifferingDaysKept, *table.mutable_days());
  }
  *kept.mutable_finished() = ToProto(turn.now.wall);
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

bool LacksCoverage(Core& core, const storage::SourceRecord& source, const std::string& destination) {
  const Core::LoadTry& load_try = core.load_try(source.id(), destination);
  const storage::LoadRecord* load = core.state().FindLoad(source.id(), destination);
  const bool takes = load_try.checked && load != nullptr && load->failure().empty() && !load->has_pause();
  if (!core.options().report_coverage || !takes) return false;
  const Core::CoverageKnown& known = core.coverage(source.id());
  return known.report.version() != load_try.coverage || (known.stale && !IsWorkedOn(core, source));
}

void LeaseLoads(Core& core, const Core::Turn& turn, const v1::SyncRequest& request,
                v1::SyncResponse& response) {
  size_t holds = 0;
  for (const Lease& lease : core.leases().OfWorker(request.worker_id())) holds += lease.window == 0;
  for (const std::string& destination : request.destinations()) {
    if (holds >= request.load_capacity()) return;
    auto known = core.options().destinations.find(destination);
    if (known == core.options().destinations.end()) continue;
    const storage::SourceRecord* source = core.state().FindSource(known->second);
    if (source == nullptr) continue;
    const v1::CoverageReport& coverage = Coverage(core, turn, *source);
    const std::optional<v1::LoadKind> due = DueLoad(core, turn, *source, destination, coverage.version());
    if (!due.has_value()) continue;
    Lease lease;
    lease.token = core.leases().NextToken();
    lease.worker = request.worker_id();
    lease.deadline = turn.now.boot + kLease;
    lease.source = source->id();
    lease.destination = destination;
    lease.kind = *due;
    lease.head = source->last_change();
    v1::LoadAssignment& assignment = *response.add_load();
    *assignment.mutable_token() = lease.token;
    assignment.set_source(source->name());
    assignment.set_destination(destination);
    assignment.set_head(source->last_change());
    assignment.set_kind(*due);
    Core::LoadTry& load_try = core.load_try(source->id(), destination);
    if (*due == v1::VERIFY) {
      core.verifications()[{source->id(), destination}].set_state(v1::Verification::RUNNING);
    } else if (load_try.coverage_offered = coverage.version(); load_try.coverage != coverage.version()) {
      *assignment.mutable_coverage() = coverage;
    }
    core.leases().Grant(std::move(lease));
    ++holds;
  }
}

absl::Status ReadChanges(Core& core, const v1::ReadChangesRequest& request,
                         const std::function<bool(const v1::ReadChangesResponse&)>& send) {
  storage::SourceRecord source;
  {
    const Core::Turn turn = core.Enter();
    const Lease* lease = core.leases().Find(request.token(), turn.now.boot);
    if (lease == nullptr || lease->window != 0) return LostLease();
    source = core.state().sources().at(lease->source);
  }
  if (request.epoch() != 0 && request.after() != 0 && EpochOf(source, request.after()) != request.epoch()) {
    return absl::OutOfRangeError(absl::StrCat("change ", request.after(), " of epoch ", request.epoch(),
                                              " is not of this store: an older copy of it was put back"));
  }
  const uint64_t max_bytes = request.max_bytes() == 0 ? kChangesBytesDefault : request.max_bytes();
  // Reads see whole commits and need no lock (store.h).
  ASSIGN_OR_RETURN(store::Changes changes, core.store().ReadChanges(source.id(), request.after(),
                                                                    std::min(max_bytes, kChangesBytesMax)));
  v1::ReadChangesResponse message;
  message.set_head(changes.head);
  message.set_through(request.after());
  size_t bytes = 0;
  for (v1::Change& change : changes.changes) {
    bytes += change.row().id().size() + change.row().raw().size();
    message.set_through(change.number());
    *message.add_changes() = std::move(change);
    if (bytes < kMessageBytes) continue;
    if (!send(message)) return absl::CancelledError("the worker went away");
    message.clear_changes();
    bytes = 0;
  }
  message.set_through(changes.through);
  // What was numbered since the record was read belongs to the last era too.
  source.set_last_change(std::max(source.last_change(), changes.through));
  message.set_epoch(EpochOf(source, changes.through));
  if (!send(message)) return absl::CancelledError("the worker went away");
  return absl::OkStatus();
}

absl::StatusOr<v1::ReportLoadResponse> ReportLoad(Core& core, const v1::ReportLoadRequest& request) {
  const Core::Turn turn = core.Enter();
  const Lease* lease = core.leases().Find(request.token(), turn.now.boot);
  if (lease == nullptr || lease->window != 0 || lease->destination != request.destination())
    return LostLease();
  const Lease held = *lease;
  if (held.kind == v1::VERIFY) {
    KeepVerification(core, turn, held, request);
    core.leases().End(held.token.epoch(), held.token.counter());
    return v1::ReportLoadResponse();
  }
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
    if (load.failure().empty()) *load.mutable_failing_since() = ToProto(turn.now.wall);
    load.set_failure(request.failure().detail());
    load.set_failure_kind(request.failure().kind());
    load_try.backoff = std::clamp(load_try.backoff * 2, kLoadRetryFirst, kLoadRetryMax);
    load_try.next_try = turn.now.boot + load_try.backoff;
    Log(LogLevel::kWarning, "a load failed; it is tried again by itself",
        {{"destination", held.destination}, {"error", request.failure().detail()}});
  } else {
    load.clear_failure();
    load.clear_failure_kind();
    load.clear_failing_since();
    if (request.kind() == v1::RESYNC) load.clear_resync();
    // One that was asked for meanwhile begins with the next lease.
    load.set_loaded(load.resync() ? 0 : request.loaded());
    load_try.checked = true;
    load_try.ended = turn.now.boot;
    load_try.next_try = turn.now.boot;
    load_try.backoff = absl::ZeroDuration();
    const bool gathers = Gathers(core, source, held.destination);
    response.set_carry_on(!load.resync() && !load.has_pause() &&
                          request.loaded() < (gathers ? held.head : source.last_change()));
  }
  if (!request.coverage_version().empty()) {
    load_try.coverage = request.coverage_version();
  } else if (!request.has_failure() && !response.carry_on()) {
    load_try.coverage = load_try.coverage_offered;  // it is there already, or the worker knows of none
  }
  RETURN_IF_ERROR(core.Commit(turn, {load}));
  if (!response.carry_on()) core.leases().End(held.token.epoch(), held.token.counter());
  return response;
}

}  // namespace penstock::coordinator
