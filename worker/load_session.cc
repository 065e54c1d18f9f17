// SPDX-License-Identifier: Apache-2.0
#include "worker/load_session.h"

#include <iterator>
#include <utility>

#include "base/instant.h"
#include "base/log.h"
#include "proto/convert.h"
#include "worker/limits.h"
#include "worker/typed_rows.h"

namespace penstock::worker {
namespace {

LoadTask::Options OptionsOf(const v1::LoadAssignment& assignment, const std::string& store_id,
                            const ColumnRules& columns) {
  LoadTask::Options options{store_id, assignment.kind() == v1::RESYNC};
  options.columns = columns.fingerprint();
  if (assignment.has_coverage()) options.coverage_of = assignment.head();
  return options;
}

}  // namespace

LoadSession::LoadSession(const v1::LoadAssignment& assignment, const std::string& store_id, TaskSlot& slot,
                         TableNames tables, ColumnRules columns)
    : assignment_(assignment),
      slot_(slot),
      tables_(tables),
      columns_(std::move(columns)),
      task_(OptionsOf(assignment, store_id, columns_)) {}

LoadStep LoadSession::Next(const LoadAction& action) {
  if (slot_.lost() || slot_.draining()) return LoadEnded{};
  return std::visit([this](const auto& wanted) { return Do(wanted); }, action);
}

LoadStep LoadSession::OnPrepared(const absl::StatusOr<destinations::LoadCursor>& cursor) {
  return Next(task_.OnPrepared(cursor));
}

LoadStep LoadSession::OnChanges(absl::StatusOr<CoordinatorClient::Changes> changes) {
  return Next(task_.OnChanges(std::move(changes)));
}

LoadStep LoadSession::OnWritten(const absl::Status& status) {
  return Next(task_.OnWritten(status, rows_, irregular_));
}

LoadStep LoadSession::OnCoverage(const absl::Status& status) { return Next(task_.OnCoverage(status)); }

LoadStep LoadSession::OnTold(const absl::StatusOr<v1::ReportLoadResponse>& response) {
  if (!failed_) return Next(task_.OnReported(response));
  if (!response.ok())
    Log(LogLevel::kWarning, "a load's failure could not be reported",
        {{"destination", assignment_.destination()}, {"error", std::string(response.status().message())}});
  return LoadEnded{};
}

LoadStep LoadSession::Do(const ReadNextChanges& wanted) {
  v1::ReadChangesRequest request;
  *request.mutable_token() = assignment_.token();
  request.set_source(assignment_.source());
  request.set_after(wanted.after);
  request.set_epoch(wanted.epoch);
  request.set_max_bytes(kLoadBatchBytes);
  return FetchChanges{std::move(request)};
}

LoadStep LoadSession::Do(const WriteBatch& wanted) {
  absl::StatusOr<TypedRows> typed = MakeTypedRows(*wanted.changes, tables_, columns_);
  if (!typed.ok()) return Next(task_.OnWritten(typed.status(), 0, 0));
  irregular_ = typed->irregular;
  // A row that came after its erasure stays: so these go first.
  UpsertRows step{std::move(typed->erased), wanted.from, wanted.to};
  step.rows.insert(step.rows.end(), std::make_move_iterator(typed->rows.begin()),
                   std::make_move_iterator(typed->rows.end()));
  rows_ = step.rows.size();
  return step;
}

LoadStep LoadSession::Do(const PutCoverage& wanted) {
  WriteCoverage step{{}, wanted.at};
  for (const v1::CoverageCell& cell : assignment_.coverage().cells()) {
    step.days.push_back({FromProto(cell.endpoint()), DayStart(cell.day()), cell.state(), cell.rows(),
                         cell.has_counted() ? FromProto(cell.counted()) : absl::InfinitePast()});
  }
  return step;
}

LoadStep LoadSession::Do(const ReportProgress& wanted) {
  v1::ReportLoadRequest request = Request();
  request.set_loaded(wanted.loaded);
  request.set_rows(wanted.rows);
  request.set_irregular(wanted.irregular);
  request.mutable_progress();
  if (wanted.coverage) request.set_coverage_version(assignment_.coverage().version());
  return TellLoad{std::move(request)};
}

LoadStep LoadSession::Do(const ReportFailure& wanted) {
  failed_ = true;
  v1::ReportLoadRequest request = Request();
  request.mutable_failure()->set_kind(wanted.kind);
  request.mutable_failure()->set_detail(Redact(wanted.detail));
  return TellLoad{std::move(request)};
}

v1::ReportLoadRequest LoadSession::Request() const {
  v1::ReportLoadRequest request;
  *request.mutable_token() = assignment_.token();
  request.set_source(assignment_.source());
  request.set_destination(assignment_.destination());
  request.set_kind(assignment_.kind());
  return request;
}

}  // namespace penstock::worker
