// SPDX-License-Identifier: Apache-2.0
#include "worker/load_task.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace penstock::worker {

LoadAction LoadTask::FailWith(const absl::Status& status) const {
  const std::string detail(status.message());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
      return ReportFailure{v1::LoadFailure::UNREACHABLE, detail};
    case absl::StatusCode::kResourceExhausted:
      return ReportFailure{v1::LoadFailure::LOCAL, detail};
    default:
      return ReportFailure{v1::LoadFailure::REFUSED, detail};
  }
}

LoadAction LoadTask::OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor) {
  if (!cursor.ok()) return FailWith(cursor.status());
  cursor_ = *cursor;
  after_ = cursor_.store_id == store_id_ ? cursor_.change : 0;
  return ReadNextChanges{after_};
}

LoadAction LoadTask::OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes) {
  if (absl::IsOutOfRange(changes.status()) && after_ > 0) {
    after_ = 0;  // the destination knows changes that this store never had
    return ReadNextChanges{after_};
  }
  // The coordinator is away or took the lease back: it will lease the load again.
  if (absl::IsUnavailable(changes.status()) || absl::IsAborted(changes.status())) return LoadFinished{};
  if (!changes.ok()) {
    return ReportFailure{v1::LoadFailure::LOCAL,
                         absl::StrCat("cannot read the store's changes: ", changes.status().message())};
  }
  batch_ = *std::move(changes);
  const bool same_store = cursor_.store_id == store_id_;
  if (batch_.changes.empty() && same_store && cursor_.change == batch_.through) {
    return ReportProgress{cursor_.change, 0, 0};
  }
  if (batch_.changes.empty() && batch_.through == 0) return ReportProgress{0, 0, 0};  // nothing to load yet
  return WriteBatch{&batch_.changes, cursor_, {store_id_, batch_.through}};
}

LoadAction LoadTask::OnWritten(const absl::Status& status, uint64_t rows, uint64_t irregular) {
  if (!status.ok()) return FailWith(status);
  cursor_ = {store_id_, batch_.through};
  after_ = batch_.through;
  batch_ = {};
  return ReportProgress{cursor_.change, rows, irregular};
}

LoadAction LoadTask::OnReported(const absl::StatusOr<v1::ReportLoadResponse>& response) {
  if (!response.ok() || !response->carry_on()) return LoadFinished{};
  return ReadNextChanges{after_};
}

}  // namespace penstock::worker
