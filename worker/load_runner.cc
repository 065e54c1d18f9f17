// SPDX-License-Identifier: Apache-2.0
#include "worker/load_runner.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "destinations/registry.h"
#include "worker/column_rules.h"
#include "worker/limits.h"
#include "worker/load_session.h"
#include "worker/verify_runner.h"

namespace penstock::worker {
namespace {

// "conversations \"c7654\": value too long". Bytes that are no text, and much of it, stay out of the message.
std::string ForPeople(const destinations::SetAsideRow& row) {
  const std::string reason = QuoteJson(row.reason.substr(0, kSetAsideBytes));
  return absl::StrCat(Name(row.endpoint), " ", QuoteJson(row.id.substr(0, kSetAsideBytes)), ": ",
                      Redact(reason.substr(1, reason.size() - 2)));
}

// Left out when the destination cannot say now: it is not why the load is reported.
void AddSetAside(destinations::Destination& destination, v1::ReportLoadRequest& request) {
  const absl::StatusOr<destinations::SetAside> set_aside = destination.ReadSetAside(kSetAsideShown);
  if (!set_aside.ok()) return;
  request.mutable_set_aside()->set_total(set_aside->total);
  for (const destinations::SetAsideRow& row : set_aside->rows) {
    request.mutable_set_aside()->add_rows(ForPeople(row));
  }
}

// One step of the session, done for real.
struct Performer {
  LoadSession& session;
  const DestinationConfig& config;
  const absl::Status columns;  // whether their rules are known: without them nothing may be written
  CoordinatorClient& coordinator;
  std::unique_ptr<destinations::Destination> destination;

  absl::StatusOr<destinations::LoadCursor> Prepare() {
    RETURN_IF_ERROR(columns);
    ASSIGN_OR_RETURN(destination, destinations::OpenDestination(config));
    RETURN_IF_ERROR(destination->EnsureTables());
    return destination->ReadCursor();
  }

  LoadStep operator()(const OpenAndReadCursor&) { return session.OnPrepared(Prepare()); }
  LoadStep operator()(const FetchChanges& step) {
    v1::ReadChangesRequest request = step.request;
    request.set_max_bytes(std::max(request.max_bytes(), destination->BatchBytes()));
    return session.OnChanges(coordinator.ReadChanges(request));
  }
  LoadStep operator()(const UpsertRows& step) {
    return session.OnWritten(destination->Upsert(step.rows, step.from, step.to).status());
  }
  LoadStep operator()(const WriteCoverage& step) {
    return session.OnCoverage(destination->PutCoverage(step.days, step.at));
  }
  LoadStep operator()(const TellLoad& step) {
    v1::ReportLoadRequest request = step.request;
    if (request.has_progress()) AddSetAside(*destination, request);
    return session.OnTold(coordinator.ReportLoad(request));
  }
  LoadStep operator()(const LoadEnded&) { return LoadEnded{}; }
};

}  // namespace

void RunLoadTask(const v1::LoadAssignment& assignment, const std::string& store_id,
                 const DestinationConfig& destination, CoordinatorClient& coordinator, TaskSlot& slot) {
  if (assignment.kind() == v1::VERIFY) {
    return RunVerifyTask(assignment, store_id, destination, coordinator, slot);
  }
  const absl::StatusOr<ColumnRules> columns = ColumnRules::Open(destination);
  LoadSession session(assignment, store_id, slot, destination.tables,
                      columns.ok() ? *columns : ColumnRules());
  Performer perform{session, destination, columns.status(), coordinator, nullptr};
  LoadStep step = session.Begin();
  while (!std::holds_alternative<LoadEnded>(step)) step = std::visit(perform, step);
}

}  // namespace penstock::worker
