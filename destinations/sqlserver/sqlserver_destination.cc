// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/sqlserver_destination.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/load_cursor.h"
#include "destinations/newest.h"
#include "destinations/sqlserver/bookkeeping.h"
#include "destinations/sqlserver/catalog.h"
#include "destinations/sqlserver/dialect.h"
#include "destinations/sqlserver/rights.h"
#include "destinations/sqlserver/rows_json.h"
#include "destinations/sqlserver/server_error.h"

namespace penstock::destinations::sqlserver {
namespace {

// A deadlock or a row that another session has just put there: who comes again comes through.
constexpr int kTries = 3;
constexpr size_t kReasonBytes = 500;

}  // namespace

struct SqlserverDestination::Batch {
  std::map<Endpoint, std::vector<const TypedRow*>> tables;
  std::map<Endpoint, std::vector<absl::string_view>> erased;  // their ids
  absl::Time now;
  size_t set_aside_max = 0;
  bool any_set_aside = false;  // before this batch
  uint64_t written = 0;
  std::vector<SetAsideRow> refused;
  bool together = false;
  std::vector<const TypedRow*> through;  // of the table that is tried

  // Takes out the rows that are refused.
  void Leave(const absl::flat_hash_set<const TypedRow*>& rows) {
    for (auto& [endpoint, table] : tables) {
      table.erase(
          std::remove_if(table.begin(), table.end(), [&](const TypedRow* row) { return rows.contains(row); }),
          table.end());
    }
  }
};

SqlserverDestination::SqlserverDestination(SqlserverConfig config, const Clock& clock,
                                           absl::Duration lock_timeout, TableNames tables,
                                           Connector connector)
    : config_(std::move(config)),
      clock_(clock),
      lock_timeout_(lock_timeout),
      tables_(tables),
      connector_(std::move(connector)) {}

std::string SqlserverDestination::Describe() const {
  return absl::StrCat(Place(config_), ", schema ", config_.schema);
}

absl::Status SqlserverDestination::Connect() {
  if (connection_ != nullptr && !connection_->lost()) return absl::OkStatus();
  stages_.clear();
  connection_.reset();
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, connector_(config_));
  RETURN_IF_ERROR(connection->Query(SessionSettings(lock_timeout_)).status());
  connection_ = std::move(connection);
  return absl::OkStatus();
}

absl::Status SqlserverDestination::Explain(absl::Status status) {
  if (!absl::IsPermissionDenied(status) || connection_ == nullptr || connection_->lost()) return status;
  const absl::Status exact = CheckRights(connection_.get(), config_, tables_);
  return absl::IsPermissionDenied(exact) || absl::IsNotFound(exact) ? exact : status;
}

absl::StatusOr<bool> SqlserverDestination::Exists(const std::string& table) {
  ASSIGN_OR_RETURN(const Result found, connection_->Query(CountTables(config_.schema, table)));
  return found.Int(0, 0) > 0;
}

absl::Status SqlserverDestination::EnsureTables() {
  RETURN_IF_ERROR(Connect());
  return Explain(CreateMissing());
}

absl::Status SqlserverDestination::CreateMissing() {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  ASSIGN_OR_RETURN(const Result granted, connection_->Query(LockSchema(config_.schema)));
  if (granted.Int(0, 0) < 0) {
    return absl::UnavailableError(
        absl::StrCat(Describe(), ": somebody else makes these tables just now; loading will be tried again"));
  }
  ASSIGN_OR_RETURN(const Result schemas, connection_->Query(CountSchemas(config_.schema)));
  if (schemas.Int(0, 0) == 0) RETURN_IF_ERROR(connection_->Query(CreateSchema(config_.schema)).status());
  RETURN_IF_ERROR(CreateMissingTables());
  return transaction.Commit();
}

absl::Status SqlserverDestination::CreateMissingTables() {
  ASSIGN_OR_RETURN(layouts_, ReadLayouts(connection_.get(), config_.schema, tables_));
  std::vector<std::string> statements;
  bool incomplete = false;
  for (const auto& [endpoint, layout] : layouts_.tables) {
    const Table& table = TableOf(tables_, endpoint);
    incomplete |= !layout.exists || !layout.missing.empty();
    if (!layout.exists) {
      statements.push_back(CreateTable(config_.schema, table));
      statements.push_back(DescribeColumns(config_.schema, table));
      continue;
    }
    for (const std::string& column : layout.missing)
      statements.push_back(AddColumn(config_.schema, table, column));
    if (!layout.key_index && layout.indexable) statements.push_back(CreateKeyIndex(config_.schema, table));
  }
  const auto lacks = [&](const char* own) { return layouts_.bookkeeping.count(own) == 0; };
  if (lacks(kSetAsideTable)) statements.push_back(CreateSetAsideTable(config_.schema));
  if (lacks(kCoverageTable)) statements.push_back(CreateCoverageTable(config_.schema));
  if (lacks(kLoadsTable)) {
    statements.push_back(CreateLoadsTable(config_.schema));
  } else if (incomplete) {
    statements.push_back(DeleteCursor(config_.schema));
  }
  for (const std::string& statement : statements) RETURN_IF_ERROR(connection_->Query(statement).status());
  return absl::OkStatus();
}

absl::StatusOr<LoadCursor> SqlserverDestination::ReadCursor() {
  RETURN_IF_ERROR(Connect());
  ASSIGN_OR_RETURN(const bool there, Exists(kLoadsTable));
  if (!there) return LoadCursor{};
  bool any_set_aside = false;
  return SelectLoadCursor(&any_set_aside);
}

absl::StatusOr<LoadCursor> SqlserverDestination::SelectLoadCursor(bool* any_set_aside) {
  ASSIGN_OR_RETURN(const Result cursor, connection_->Query(SelectCursor(config_.schema)));
  *any_set_aside = cursor.Int(0, 2) > 0;
  return LoadCursor{cursor.Text(0, 0), static_cast<uint64_t>(cursor.Int(0, 1))};
}

absl::Status SqlserverDestination::TakeCursor(const LoadCursor& at, bool* any_set_aside) {
  RETURN_IF_ERROR(connection_->Query(LockCursor(config_.schema)).status());
  ASSIGN_OR_RETURN(const LoadCursor found, SelectLoadCursor(any_set_aside));
  return Same(found, at) ? absl::OkStatus() : CursorMoved(Describe(), found, at);
}

absl::StatusOr<BatchCounts> SqlserverDestination::Upsert(const std::vector<TypedRow>& rows,
                                                         const LoadCursor& from, const LoadCursor& to) {
  CHECK(!to.store_id.empty());
  RETURN_IF_ERROR(Connect());
  Batch batch;
  batch.tables = Newest(rows);
  batch.erased = ErasedIds(rows);
  batch.now = clock_.Now().wall;
  batch.set_aside_max = SetAsideMax(rows.size());
  absl::flat_hash_set<const TypedRow*> unfit;
  for (const auto& [endpoint, table] : batch.tables) {
    for (const TypedRow* row : table) {
      const std::string reason = Unfit(*row);
      if (reason.empty()) continue;
      unfit.insert(row);
      batch.refused.push_back({row->endpoint, Id(*row), row->change, reason});
    }
  }
  if (batch.refused.size() > batch.set_aside_max) {
    return absl::FailedPreconditionError(absl::StrCat(
        Describe(), ": ", batch.refused.size(), " rows of ", rows.size(), " cannot be kept, for example ",
        Name(batch.refused[0].endpoint), " ", ShownId(batch.refused[0].id), ": ", batch.refused[0].reason));
  }
  batch.Leave(unfit);
  absl::Status status = Write(from, to, &batch);
  // Nearly no batch holds a row that is refused, so looking for it costs only those that do.
  for (const bool together : {false, true}) {
    if (!MayBlameARow(status)) break;
    batch.together = together;
    const auto tables = batch.tables;
    for (const auto& [endpoint, table] : tables) {
      batch.through.clear();
      RETURN_IF_ERROR(Explain(FindRefused(TableOf(tables_, endpoint), table, &batch)));
    }
    status = Write(from, to, &batch);
  }
  RETURN_IF_ERROR(Explain(std::move(status)));
  BatchCounts counts;
  counts.written = batch.written;
  counts.set_aside = batch.refused.size();
  counts.unchanged = rows.size() - counts.written - counts.set_aside;
  return counts;
}

absl::Status SqlserverDestination::PrepareStages(const Batch& batch) {
  ASSIGN_OR_RETURN(layouts_, ReadLayouts(connection_.get(), config_.schema, tables_));
  for (const auto& [endpoint, layout] : layouts_.tables) {
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
    RETURN_IF_ERROR(connection_->Query(DropStage(table)).status());
    RETURN_IF_ERROR(connection_->Query(CreateStage(table, layout)).status());
    stages_[endpoint] = layout.targets;
  }
  return absl::OkStatus();
}

absl::Status SqlserverDestination::Write(const LoadCursor& from, const LoadCursor& to, Batch* batch) {
  absl::Status status;
  for (int i = 0; i < kTries; ++i) {
    status = WriteOnce(from, to, batch);
    if (!IsTransient(status)) break;
  }
  return status;
}

absl::Status SqlserverDestination::WriteOnce(const LoadCursor& from, const LoadCursor& to, Batch* batch) {
  batch->written = 0;
  RETURN_IF_ERROR(PrepareStages(*batch));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  RETURN_IF_ERROR(TakeCursor(from, &batch->any_set_aside));
  RETURN_IF_ERROR(EraseRows(batch));
  for (const auto& [endpoint, rows] : batch->tables) {
    ASSIGN_OR_RETURN(const uint64_t written, Put(TableOf(tables_, endpoint), rows, *batch));
    batch->written += written;
  }
  RETURN_IF_ERROR(NameSetAside(*batch));
  // Nothing written, nothing moved: the schema stays as it is.
  if (batch->written > 0 || !Same(from, to)) RETURN_IF_ERROR(MoveCursor(to, *batch));
  return transaction.Commit();
}

absl::Status SqlserverDestination::EraseRows(Batch* batch) {
  std::vector<SetAsideRow> named;  // as set aside, perhaps
  for (const auto& [endpoint, ids] : batch->erased) {
    const std::string sql =
        DeleteRows(config_.schema, TableOf(tables_, endpoint), layouts_.tables.at(endpoint));
    ASSIGN_OR_RETURN(const Result deleted, connection_->Query(sql, IdsJson(ids)));
    // A row that a table of somebody else's has twice was deleted twice.
    batch->written += std::min<uint64_t>(deleted.affected, ids.size());
    for (const absl::string_view id : ids) named.push_back({endpoint, std::string(id), 0, ""});
  }
  if (named.empty() || !batch->any_set_aside) return absl::OkStatus();
  return connection_->Query(DeleteSetAside(config_.schema), SetAsideJson(named, batch->now)).status();
}

absl::Status SqlserverDestination::MoveCursor(const LoadCursor& to, const Batch& batch) {
  ASSIGN_OR_RETURN(const Result moved,
                   connection_->Query(UpdateCursor(config_.schema, to, batch.now, batch.written)));
  if (moved.affected > 0) return absl::OkStatus();
  return connection_->Query(InsertCursor(config_.schema, to, batch.now, batch.written)).status();
}

absl::StatusOr<uint64_t> SqlserverDestination::Put(const Table& table, Rows rows, const Batch& batch) {
  const Layout& layout = layouts_.tables.at(table.endpoint);
  if (rows.empty()) return 0;
  if (!layout.unique_key) RETURN_IF_ERROR(connection_->Query(LockTable(config_.schema, table)).status());
  RETURN_IF_ERROR(connection_->Query(EmptyStage(table)).status());
  RETURN_IF_ERROR(connection_->Query(FillStage(table, layout), RowsJson(table, layout, rows)).status());
  ASSIGN_OR_RETURN(const Result updated,
                   connection_->Query(UpdateFromStage(config_.schema, table, layout, batch.now)));
  ASSIGN_OR_RETURN(const Result inserted,
                   connection_->Query(InsertFromStage(config_.schema, table, layout, batch.now)));
  if (batch.any_set_aside) {
    RETURN_IF_ERROR(connection_->Query(ForgetSetAside(config_.schema, table)).status());
  }
  // A row that a table of somebody else's has twice was written twice.
  return std::min<uint64_t>(updated.affected + inserted.affected, rows.size());
}

absl::Status SqlserverDestination::Try(const Table& table, Rows rows, Batch* batch) {
  std::vector<const TypedRow*> all = batch->through;
  all.insert(all.end(), rows.begin(), rows.end());
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  RETURN_IF_ERROR(Put(table, all, *batch).status());
  if (batch->together) batch->through = std::move(all);
  return absl::OkStatus();
}

absl::Status SqlserverDestination::FindRefused(const Table& table, Rows rows, Batch* batch) {
  const absl::Status status = Try(table, rows, batch);
  if (!MayBlameARow(status)) return status;
  if (rows.size() > 1) {
    RETURN_IF_ERROR(FindRefused(table, rows.first(rows.size() / 2), batch));
    return FindRefused(table, rows.subspan(rows.size() / 2), batch);
  }
  if (batch->refused.size() == batch->set_aside_max) return status;
  const TypedRow& row = *rows.front();
  batch->refused.push_back({row.endpoint, Id(row), row.change, ServerWords(status).substr(0, kReasonBytes)});
  batch->Leave({&row});
  return absl::OkStatus();
}

absl::Status SqlserverDestination::NameSetAside(const Batch& batch) {
  if (batch.refused.empty()) return absl::OkStatus();
  const std::string json = SetAsideJson(batch.refused, batch.now);
  RETURN_IF_ERROR(connection_->Query(DeleteSetAside(config_.schema), json).status());
  return connection_->Query(InsertSetAside(config_.schema), json).status();
}

absl::StatusOr<SetAside> SqlserverDestination::ReadSetAside(size_t limit) {
  RETURN_IF_ERROR(Connect());
  SetAside set_aside;
  ASSIGN_OR_RETURN(const bool there, Exists(kSetAsideTable));
  if (!there) return set_aside;
  // No rows would tell of no total.
  ASSIGN_OR_RETURN(const Result found,
                   connection_->Query(SelectSetAside(config_.schema, std::max<size_t>(limit, 1))));
  set_aside.total = static_cast<uint64_t>(found.Int(0, 4));
  for (size_t row = 0; row < std::min(found.rows.size(), limit); ++row) {
    ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(found.Text(row, 0)));
    set_aside.rows.push_back(
        {endpoint, found.Text(row, 1), static_cast<uint64_t>(found.Int(row, 2)), found.Text(row, 3)});
  }
  return set_aside;
}

absl::StatusOr<std::vector<Standing>> SqlserverDestination::Compare(const std::vector<TypedRow>& rows) {
  RETURN_IF_ERROR(Connect());
  Batch batch;
  std::map<uint64_t, Standing> found;
  for (const TypedRow& row : rows) {
    // What could not be sent is not there.
    if (Unfit(row).empty()) {
      batch.tables[row.endpoint].push_back(&row);
    } else {
      found[row.change] = Standing::kMissing;
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

absl::Status SqlserverDestination::CompareTable(const Table& table, Rows rows,
                                                std::map<uint64_t, Standing>* standings) {
  const Layout& layout = layouts_.tables.at(table.endpoint);
  absl::Status filled;
  {
    ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
    RETURN_IF_ERROR(connection_->Query(EmptyStage(table)).status());
    filled = connection_->Query(FillStage(table, layout), RowsJson(table, layout, rows)).status();
    if (filled.ok()) {
      ASSIGN_OR_RETURN(const Result found, connection_->Query(CompareStage(config_.schema, table, layout)));
      constexpr Standing kStandings[] = {Standing::kSame, Standing::kDiffers, Standing::kNewer,
                                         Standing::kMissing};
      for (size_t row = 0; row < found.rows.size(); ++row) {
        const int64_t which = found.Int(row, 1);
        if (which < 0 || which > 3) continue;
        Standing& standing = (*standings)[static_cast<uint64_t>(found.Int(row, 0))];
        standing = std::max(standing, kStandings[which]);
      }
      return absl::OkStatus();
    }
  }
  if (!MayBlameARow(filled)) return filled;
  if (rows.size() == 1) {
    (*standings)[rows.front()->change] = Standing::kDiffers;  // in whatever form it is there, not in this one
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CompareTable(table, rows.first(rows.size() / 2), standings));
  return CompareTable(table, rows.subspan(rows.size() / 2), standings);
}

absl::StatusOr<uint64_t> SqlserverDestination::CountRows(Endpoint endpoint) {
  RETURN_IF_ERROR(Connect());
  const absl::StatusOr<Result> count =
      connection_->Query(sqlserver::CountRows(config_.schema, TableOf(tables_, endpoint)));
  if (!count.ok()) return Explain(count.status());
  return static_cast<uint64_t>(count->Int(0, 0));
}

absl::Status SqlserverDestination::PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) {
  RETURN_IF_ERROR(Connect());
  return Explain(WriteCoverage(days, at));
}

absl::Status SqlserverDestination::WriteCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) {
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  bool any_set_aside = false;
  RETURN_IF_ERROR(TakeCursor(at, &any_set_aside));
  RETURN_IF_ERROR(connection_->Query(DeleteCoverage(config_.schema)).status());
  RETURN_IF_ERROR(connection_->Query(InsertCoverage(config_.schema), CoverageJson(days)).status());
  return transaction.Commit();
}

absl::Status SqlserverDestination::Check() {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, connector_(config_));
  return CheckRights(connection.get(), config_, tables_);
}

}  // namespace penstock::destinations::sqlserver
