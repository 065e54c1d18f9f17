// SPDX-License-Identifier: Apache-2.0
#include "worker/load_task.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "destinations/load_cursor.h"

namespace penstock::worker {

v1::LoadFailure FailureOf(const absl::Status& status) {
  v1::LoadFailure failure;
  failure.set_detail(std::string(status.message()));
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
      failure.set_kind(v1::LoadFailure::UNREACHABLE);
      break;
    case absl::StatusCode::kResourceExhausted:
      failure.set_kind(v1::LoadFailure::LOCAL);
      break;
    default:
      failure.set_kind(v1::LoadFailure::REFUSED);
  }
  return failure;
}

LoadAction LoadTask::FailWith(const absl::Status& status) {
  const v1::LoadFailure failure = FailureOf(status);
  return ReportFailure{failure.kind(), failure.detail()};
}

destinations::LoadCursor LoadTask::AfterBatch() const {
  return {destinations::ToText({options_.store_id, batch_.epoch, options_.columns}), batch_.through};
}

LoadAction LoadTask::OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor) {
  if (!cursor.ok()) return FailWith(cursor.status());
  cursor_ = *cursor;
  const destinations::StoreEpoch store = destinations::ParseStoreEpoch(cursor_.store_id);
  if (store.store_id == options_.store_id && store.columns == options_.columns && !options_.resync) {
    after_ = cursor_.change;
    epoch_ = store.epoch;
  }
  return ReadNextChanges{after_, epoch_};
}

LoadAction LoadTask::OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes) {
  if (absl::IsOutOfRange(changes.status()) && after_ > 0) {
    after_ = 0;  // the destination knows changes that this store never had
    epoch_ = 0;
    return ReadNextChanges{after_, epoch_};
  }
  // The coordinator is away or took the lease back: it will lease the load again.
  if (absl::IsUnavailable(changes.status()) || absl::IsAborted(changes.status())) return LoadFinished{};
  if (!changes.ok()) {
    return ReportFailure{v1::LoadFailure::LOCAL,
                         absl::StrCat("cannot read the store's changes: ", changes.status().message())};
  }
  batch_ = *std::move(changes);
  if (batch_.changes.empty() && batch_.through == 0) return Progress(0, 0);  // nothing to load yet
  const destinations::LoadCursor to = AfterBatch();
  if (batch_.changes.empty() && destinations::Same(cursor_, to)) return Progress(0, 0);
  return WriteBatch{&batch_.changes, cursor_, to};
}

LoadAction LoadTask::OnWritten(const absl::Status& status, uint64_t rows, uint64_t irregular) {
  if (!status.ok()) return FailWith(status);
  cursor_ = AfterBatch();
  after_ = batch_.through;
  epoch_ = batch_.epoch;
  batch_ = {};
  return Progress(rows, irregular);
}

LoadAction LoadTask::Progress(uint64_t rows, uint64_t irregular) {
  progress_ = {after_, rows, irregular, false};
  if (!options_.coverage_of.has_value() || coverage_put_ || after_ < *options_.coverage_of) return progress_;
  coverage_put_ = true;
  return PutCoverage{cursor_};
}

LoadAction LoadTask::OnCoverage(const absl::Status& status) {
  // A system that keeps none is not asked again for the same.
  progress_.coverage = status.ok() || absl::IsUnimplemented(status);
  return progress_.coverage ? LoadAction(progress_) : FailWith(status);
}

LoadAction LoadTask::OnReported(const absl::StatusOr<v1::ReportLoadResponse>& response) {
  if (!response.ok() || !response->carry_on()) return LoadFinished{};
  return ReadNextChanges{after_, epoch_};
}

}  // namespace penstock::worker
