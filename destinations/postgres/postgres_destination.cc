// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/postgres_destination.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/load_cursor.h"
#include "destinations/newest.h"
#include "destinations/postgres/adopt.h"
#include "destinations/postgres/connection.h"
#include "destinations/postgres/copy_rows.h"
#include "destinations/postgres/dialect.h"
#include "destinations/postgres/keep.h"
#include "destinations/postgres/read.h"
#include "destinations/postgres/rights.h"
#include "destinations/postgres/server_error.h"

namespace penstock::destinations::postgres {

struct PostgresDestination::Batch {
  std::map<Endpoint, std::vector<const TypedRow*>> tables;
  std::map<Endpoint, std::vector<absl::string_view>> erased;  // their ids
  std::string loaded_at;
  size_t set_aside_max = 0;
  bool any_set_aside = false;  // before this batch
  uint64_t written = 0;
  std::vector<SetAsideRow> refused;
};

PostgresDestination::PostgresDestination(PostgresConfig config, const Clock& clock,
                                         absl::Duration lock_timeout, TableNames tables)
    : config_(std::move(config)), clock_(clock), lock_timeout_(lock_timeout), tables_(tables) {}

PostgresDestination::~PostgresDestination() = default;

std::string PostgresDestination::Describe() const {
  return absl::StrCat(Place(config_), ", schema ", config_.schema);
}

absl::Status PostgresDestination::Connect() {
  if (connection_ != nullptr && !connection_->lost()) return absl::OkStatus();
  stages_.clear();
  ASSIGN_OR_RETURN(connection_, Connection::Open(config_, lock_timeout_));
  return absl::OkStatus();
}

absl::Status PostgresDestination::Explain(absl::Status status) {
  if (!absl::IsPermissionDenied(status) || connection_ == nullptr || connection_->lost()) return status;
  const absl::Status exact = CheckRights(connection_.get(), config_, tables_);
  return absl::IsPermissionDenied(exact) || absl::IsNotFound(exact) ? exact : status;
}

absl::StatusOr<bool> PostgresDestination::Exists(const std::string& table) {
  ASSIGN_OR_RETURN(const Result found, connection_->Query("SELECT to_regclass($1) IS NOT NULL",
                                                          {Qualified(config_.schema, table)}));
  return found.Bool(0, 0);
}

absl::Status PostgresDestination::EnsureTables() {
  RETURN_IF_ERROR(Connect());
  return Explain(CreateMissing());
}

absl::Status PostgresDestination::CreateMissing() {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  // Two loaders that make the same tables would meet in the catalogue.
  RETURN_IF_ERROR(
      connection_
          ->Query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", {"penstock " + config_.schema})
          .status());
  ASSIGN_OR_RETURN(const Result schema,
                   connection_->Query("SELECT FROM pg_namespace WHERE nspname = $1", {config_.schema}));
  if (schema.rows() == 0) {
    RETURN_IF_ERROR(connection_->Execute(absl::StrCat("CREATE SCHEMA ", QuoteName(config_.schema))));
  }
  ASSIGN_OR_RETURN(layouts_, ReadLayouts(connection_.get(), config_.schema, tables_));
  bool incomplete = false;
  for (const auto& [endpoint, layout] : layouts_) {
    const Table& table = TableOf(tables_, endpoint);
    incomplete |= !layout.exists || !layout.missing.empty();
    if (!layout.exists) {
      RETURN_IF_ERROR(connection_->Execute(CreateTable(config_.schema, table)));
      continue;
    }
    for (const std::string& column : layout.missing) {
      RETURN_IF_ERROR(connection_->Execute(AddColumn(config_.schema, table, column)));
    }
    if (!layout.key_index) RETURN_IF_ERROR(connection_->Execute(CreateKeyIndex(config_.schema, table)));
  }
  ASSIGN_OR_RETURN(const bool has_set_aside, Exists(kSetAsideTable));
  if (!has_set_aside) RETURN_IF_ERROR(connection_->Execute(CreateSetAsideTable(config_.schema)));
  ASSIGN_OR_RETURN(const bool has_coverage, Exists(kCoverageTable));
  if (!has_coverage) RETURN_IF_ERROR(connection_->Execute(CreateCoverageTable(config_.schema)));
  ASSIGN_OR_RETURN(const bool has_loads, Exists(kLoadsTable));
  if (!has_loads) {
    RETURN_IF_ERROR(connection_->Execute(CreateLoadsTable(config_.schema)));
  } else if (incomplete) {
    RETURN_IF_ERROR(connection_->Execute(DeleteCursor(config_.schema)));
  }
  return transaction.Commit();
}

absl::StatusOr<LoadCursor> PostgresDestination::ReadCursor() {
  RETURN_IF_ERROR(Connect());
  ASSIGN_OR_RETURN(const bool there, Exists(kLoadsTable));
  if (!there) return LoadCursor{};
  bool any_set_aside = false;
  return SelectLoadCursor(&any_set_aside);
}

absl::StatusOr<LoadCursor> PostgresDestination::SelectLoadCursor(bool* any_set_aside) {
  ASSIGN_OR_RETURN(const Result cursor, connection_->Query(SelectCursor(config_.schema)));
  *any_set_aside = cursor.Bool(0, 2);
  return LoadCursor{cursor.Text(0, 0), static_cast<uint64_t>(cursor.Int(0, 1))};
}

absl::StatusOr<BatchCounts> PostgresDestination::Upsert(const std::vector<TypedRow>& rows,
                                                        const LoadCursor& from, const LoadCursor& to) {
  CHECK(!to.store_id.empty());
  RETURN_IF_ERROR(Connect());
  Batch batch;
  batch.tables = Newest(rows);
  batch.erased = ErasedIds(rows);
  batch.loaded_at = FormatStamp(clock_.Now().wall);
  batch.set_aside_max = SetAsideMax(rows.size());
  absl::Status status = Write(from, to, /*isolate=*/false, &batch);
  // Nearly no batch holds a row that is refused, so looking for it costs only those that do.
  if (MayBlameARow(status)) status = Write(from, to, /*isolate=*/true, &batch);
  RETURN_IF_ERROR(Explain(std::move(status)));
  BatchCounts counts;
  counts.written = batch.written;
  counts.set_aside = batch.refused.size();
  counts.unchanged = rows.size() - counts.written - counts.set_aside;
  return counts;
}

absl::Status PostgresDestination::PrepareStages(const Batch& batch) {
  ASSIGN_OR_RETURN(layouts_, ReadLayouts(connection_.get(), config_.schema, tables_));
  for (const auto& [endpoint, layout] : layouts_) {
    const Table& table = TableOf(tables_, endpoint);
    if (!layout.exists || !layout.missing.empty()) {
      return absl::NotFoundError(absl::StrCat(
          Describe(), ": table ", table.name,
          layout.exists ? absl::StrCat(" lacks ", absl::StrJoin(layout.missing, ", ")) : " is missing",
          "; it is created, and filled again from the store, when the load starts again"));
    }
    if (batch.tables.count(endpoint) == 0) continue;
    const auto stage = stages_.find(endpoint);
    if (stage != stages_.end() && stage->second == layout.targets) continue;
    RETURN_IF_ERROR(connection_->Execute(CreateStage(table, layout)));
    stages_[endpoint] = layout.targets;
  }
  return absl::OkStatus();
}

absl::Status PostgresDestination::Write(const LoadCursor& from, const LoadCursor& to, bool isolate,
                                        Batch* batch) {
  batch->written = 0;
  batch->refused.clear();
  RETURN_IF_ERROR(PrepareStages(*batch));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  RETURN_IF_ERROR(connection_->Execute(LockTable(config_.schema, kLoadsTable)));
  ASSIGN_OR_RETURN(const LoadCursor found, SelectLoadCursor(&batch->any_set_aside));
  if (!Same(found, from)) return CursorMoved(Describe(), found, from);
  if (!batch->erased.empty() || !SameColumns(from, to)) {
    RETURN_IF_ERROR(DropFacts(connection_.get(), config_.schema));
  }
  RETURN_IF_ERROR(EraseRows(batch));
  RETURN_IF_ERROR(WriteTables(isolate, batch));
  RETURN_IF_ERROR(NameSetAside(*batch));
  // Nothing written, nothing moved: the schema stays as it is.
  if (batch->written > 0 || !Same(from, to)) {
    RETURN_IF_ERROR(connection_
                        ->Query(WriteCursor(config_.schema), {to.store_id, absl::StrCat(to.change),
                                                              batch->loaded_at, absl::StrCat(batch->written)})
                        .status());
  }
  return transaction.Commit();
}

absl::Status PostgresDestination::WriteTables(bool isolate, Batch* batch) {
  for (const auto& [endpoint, rows] : batch->tables) {
    const Table& table = TableOf(tables_, endpoint);
    if (!layouts_.at(endpoint).unique_key) {
      RETURN_IF_ERROR(connection_->Execute(LockTable(config_.schema, table.name)));
    }
    if (isolate) {
      RETURN_IF_ERROR(PutOrSetAside(table, rows, batch));
      continue;
    }
    ASSIGN_OR_RETURN(const uint64_t written, Put(table, rows, *batch));
    batch->written += written;
  }
  return absl::OkStatus();
}

absl::Status PostgresDestination::EraseRows(Batch* batch) {
  for (const auto& [endpoint, ids] : batch->erased) {
    for (const absl::string_view id : ids) {
      // What the server could not take as a key is not there, but may be named as set aside.
      if (!absl::StrContains(id, absl::string_view("\0", 1))) {
        ASSIGN_OR_RETURN(
            const Result deleted,
            connection_->Query(DeleteRow(config_.schema, TableOf(tables_, endpoint)), {std::string(id)}));
        batch->written += std::min<uint64_t>(deleted.affected(), 1);
      }
      if (!batch->any_set_aside) continue;
      RETURN_IF_ERROR(
          connection_->Query(ForgetOneSetAside(config_.schema), {std::string(Name(endpoint)), ShownId(id)})
              .status());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PostgresDestination::Put(const Table& table, Rows rows, const Batch& batch) {
  const Layout& layout = layouts_.at(table.endpoint);
  CopyRows copy(table, layout);
  for (const TypedRow* row : rows) copy.Add(*row);
  RETURN_IF_ERROR(connection_->CopyIn(CopyIntoStage(table), copy.End()));
  uint64_t written = 0;
  if (layout.unique_key) {
    ASSIGN_OR_RETURN(const Result put,
                     connection_->Query(UpsertStage(config_.schema, table, layout), {batch.loaded_at}));
    written = put.affected();
  } else {
    ASSIGN_OR_RETURN(const Result updated,
                     connection_->Query(UpdateFromStage(config_.schema, table, layout), {batch.loaded_at}));
    ASSIGN_OR_RETURN(const Result inserted,
                     connection_->Query(InsertFromStage(config_.schema, table, layout), {batch.loaded_at}));
    written = static_cast<uint64_t>(updated.Int(0, 0)) + inserted.affected();
  }
  if (batch.any_set_aside) {
    RETURN_IF_ERROR(
        connection_->Query(ForgetSetAside(config_.schema, table), {std::string(Name(table.endpoint))})
            .status());
  }
  return written;
}

absl::Status PostgresDestination::PutOrSetAside(const Table& table, Rows rows, Batch* batch) {
  RETURN_IF_ERROR(connection_->Execute("SAVEPOINT penstock"));
  const absl::StatusOr<uint64_t> written = Put(table, rows, *batch);
  if (written.ok()) {
    batch->written += *written;
    return connection_->Execute(absl::StrCat("RELEASE SAVEPOINT penstock; TRUNCATE ", StageName(table)));
  }
  if (!MayBlameARow(written.status())) return written.status();
  RETURN_IF_ERROR(connection_->Execute("ROLLBACK TO SAVEPOINT penstock; RELEASE SAVEPOINT penstock"));
  if (rows.size() > 1) {
    RETURN_IF_ERROR(PutOrSetAside(table, rows.first(rows.size() / 2), batch));
    return PutOrSetAside(table, rows.subspan(rows.size() / 2), batch);
  }
  if (batch->refused.size() == batch->set_aside_max) return written.status();
  const TypedRow& row = *rows.front();
  batch->refused.push_back({row.endpoint, Id(row), row.change, ServerWords(written.status())});
  return absl::OkStatus();
}

absl::Status PostgresDestination::NameSetAside(const Batch& batch) {
  for (const SetAsideRow& row : batch.refused) {
    RETURN_IF_ERROR(
        connection_
            ->Query(WriteSetAside(config_.schema), {std::string(Name(row.endpoint)), ShownId(row.id),
                                                    absl::StrCat(row.change), row.reason, batch.loaded_at})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<SetAside> PostgresDestination::ReadSetAside(size_t limit) {
  RETURN_IF_ERROR(Connect());
  SetAside set_aside;
  ASSIGN_OR_RETURN(const bool there, Exists(kSetAsideTable));
  if (!there) return set_aside;
  ASSIGN_OR_RETURN(const Result rows,
                   connection_->Query(SelectSetAside(config_.schema), {absl::StrCat(limit)}));
  for (int row = 0; row < rows.rows(); ++row) {
    ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(rows.Text(row, 0)));
    set_aside.rows.push_back(
        {endpoint, rows.Text(row, 1), static_cast<uint64_t>(rows.Int(row, 2)), rows.Text(row, 3)});
    set_aside.total = static_cast<uint64_t>(rows.Int(row, 4));
  }
  return set_aside;
}

absl::StatusOr<std::vector<Standing>> PostgresDestination::Compare(const std::vector<TypedRow>& rows) {
  RETURN_IF_ERROR(Connect());
  Batch batch;
  std::map<uint64_t, Standing> found;
  for (const TypedRow& row : rows) {
    // What the server could not take as a key is not there.
    if (absl::StrContains(Id(row), absl::string_view("\0", 1))) {
      found[row.change] = Standing::kMissing;
    } else {
      batch.tables[row.endpoint].push_back(&row);
    }
  }
  RETURN_IF_ERROR(Explain(PrepareStages(batch)));
  for (const auto& [endpoint, of_table] : batch.tables) {
    RETURN_IF_ERROR(Explain(CompareTable(TableOf(tables_, endpoint), of_table, &found)));
  }
  std::vector<Standing> standings;
  standings.reserve(rows.size());
  for (const TypedRow& row : rows) {
    const auto other = found.find(row.change);
    standings.push_back(other == found.end() ? Standing::kSame : other->second);
  }
  return standings;
}

absl::Status PostgresDestination::CompareTable(const Table& table, Rows rows,
                                               std::map<uint64_t, Standing>* standings) {
  const Layout& layout = layouts_.at(table.endpoint);
  absl::Status copied;
  {
    ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
    CopyRows copy(table, layout);
    for (const TypedRow* row : rows) copy.Add(*row);
    copied = connection_->CopyIn(CopyIntoStage(table), copy.End());
    if (copied.ok()) {
      // By the key's index, however large the table is: nobody has counted the stage's rows.
      RETURN_IF_ERROR(
          connection_->Execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"));
      ASSIGN_OR_RETURN(const Result found, connection_->Query(CompareStage(config_.schema, table, layout)));
      constexpr Standing kStandings[] = {Standing::kSame, Standing::kDiffers, Standing::kNewer,
                                         Standing::kMissing};
      for (int row = 0; row < found.rows(); ++row) {
        Standing& standing = (*standings)[static_cast<uint64_t>(found.Int(row, 0))];
        standing = std::max(standing, kStandings[found.Int(row, 1)]);
      }
      return absl::OkStatus();
    }
  }
  if (!MayBlameARow(copied)) return copied;
  if (rows.size() == 1) {
    (*standings)[rows.front()->change] = Standing::kDiffers;  // in whatever form it is there, not in this one
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CompareTable(table, rows.first(rows.size() / 2), standings));
  return CompareTable(table, rows.subspan(rows.size() / 2), standings);
}

absl::StatusOr<uint64_t> PostgresDestination::CountRows(Endpoint endpoint) {
  RETURN_IF_ERROR(Connect());
  const absl::StatusOr<Result> count =
      connection_->Query(postgres::CountRows(config_.schema, TableOf(tables_, endpoint)));
  if (!count.ok()) return Explain(count.status());
  return static_cast<uint64_t>(count->Int(0, 0));
}

absl::Status PostgresDestination::Query(const ReadQuery& query, const RowSink& sink) {
  RETURN_IF_ERROR(Connect());
  ReadMeter meter(query, clock_, Describe());
  return postgres::Read(connection_.get(), query, meter, sink);
}

absl::Status PostgresDestination::CreateViews(const std::vector<std::string>& statements) {
  RETURN_IF_ERROR(Connect());
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  for (const std::string& statement : statements) {
    RETURN_IF_ERROR(Explain(connection_->Execute(statement)));
  }
  return transaction.Commit();
}

absl::Status PostgresDestination::KeepFacts(const ReadQuery& query) {
  RETURN_IF_ERROR(Connect());
  ReadMeter meter(query, clock_, Describe());
  return Explain(Keep(connection_.get(), config_.schema, query, meter));
}

absl::Status PostgresDestination::PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) {
  RETURN_IF_ERROR(Connect());
  std::string json;
  for (const CoverageDay& day : days) {
    const bool never = day.counted == absl::InfinitePast();
    absl::StrAppend(
        &json, json.empty() ? "" : ",", "{\"endpoint\":", QuoteJson(Name(day.endpoint)), ",\"day\":\"",
        FormatDay(day.day), "\",\"state\":", QuoteJson(day.state), ",\"row_count\":", day.rows,
        ",\"counted_at\":", never ? std::string("null") : QuoteJson(FormatStamp(day.counted)), "}");
  }
  return Explain(WriteCoverage(absl::StrCat("[", json, "]"), at));
}

absl::Status PostgresDestination::WriteCoverage(const std::string& json, const LoadCursor& at) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  RETURN_IF_ERROR(connection_->Execute(LockTable(config_.schema, kLoadsTable)));
  bool any_set_aside = false;
  ASSIGN_OR_RETURN(const LoadCursor found, SelectLoadCursor(&any_set_aside));
  if (!Same(found, at)) return CursorMoved(Describe(), found, at);
  RETURN_IF_ERROR(connection_->Execute(DeleteCoverage(config_.schema)));
  RETURN_IF_ERROR(connection_->Query(InsertCoverage(config_.schema), {json}).status());
  return transaction.Commit();
}

absl::StatusOr<std::vector<FoundTable>> PostgresDestination::Adopt(const AdoptOptions& options) {
  RETURN_IF_ERROR(Connect());
  return postgres::Adopt(connection_.get(), config_.schema, tables_, options);
}

absl::Status PostgresDestination::Check() {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(config_, lock_timeout_));
  return CheckRights(connection.get(), config_, tables_);
}

}  // namespace penstock::destinations::postgres
