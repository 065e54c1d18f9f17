// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/snowflake_destination.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "destinations/load_cursor.h"
#include "destinations/newest.h"
#include "destinations/snowflake/identifier.h"
#include "destinations/snowflake/rights.h"
#include "destinations/snowflake/server_error.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr size_t kReasonBytes = 500;
// Of a request's 1,000,000 bytes, for statement and keys.
constexpr size_t kStatementRoom = 50'000;

std::string Text(const Rows& rows, size_t row, size_t column) {
  if (row >= rows.size() || column >= rows[row].size()) return "";
  return rows[row][column].value_or("");
}

uint64_t Number(const Rows& rows, size_t row, size_t column) {
  uint64_t number = 0;
  return absl::SimpleAtoi(Text(rows, row, column), &number) ? number : 0;
}

// Inserted and updated, in columns of their own.
uint64_t Sum(const Rows& rows) {
  uint64_t sum = 0;
  for (size_t column = 0; !rows.empty() && column < rows[0].size(); ++column) sum += Number(rows, 0, column);
  return sum;
}

std::unique_ptr<HttpClient> OrCurl(std::unique_ptr<HttpClient> http, const SnowflakeConfig& config) {
  return http != nullptr ? std::move(http) : NewCurlHttpClient(config);
}

}  // namespace

struct SnowflakeDestination::Batch {
  std::map<Endpoint, std::vector<const TypedRow*>> tables;
  std::map<Endpoint, std::vector<absl::string_view>> erased;  // their ids
  std::vector<const TypedRow*> rows;                          // by their numbers
  Pieces pieces;
  Round round;
  size_t set_aside_max = 0;
  uint64_t written = 0;
  std::vector<SetAsideRow> refused;
};

SnowflakeDestination::SnowflakeDestination(SnowflakeConfig config, const Clock& clock, TableNames tables,
                                           Random& random, std::unique_ptr<HttpClient> http,
                                           Patience patience)
    : config_(std::move(config)),
      clock_(clock),
      random_(random),
      tables_(tables),
      database_(Identifier(config_.database)),
      schema_(Identifier(config_.schema)),
      in_(Qualified(database_, schema_)),
      client_(config_, OrCurl(std::move(http), config_), clock, random, patience) {}

std::string SnowflakeDestination::Describe() const { return Place(config_); }

absl::Status SnowflakeDestination::Explain(absl::Status status) {
  if (!absl::IsPermissionDenied(status) && !NamesNothing(status)) return status;
  absl::StatusOr<Layouts> layouts = ReadLayouts(&client_, database_, schema_, tables_);
  if (!layouts.ok()) return status;
  layouts_ = *std::move(layouts);
  if (absl::IsPermissionDenied(status)) {
    const absl::Status exact = CheckRights(&client_, config_, tables_, layouts_);
    return absl::IsPermissionDenied(exact) ? exact : status;
  }
  const absl::Status exact = NeedTables();
  return exact.ok() ? status : exact;
}

absl::Status SnowflakeDestination::NeedSchema(bool create) {
  ASSIGN_OR_RETURN(const Rows found, client_.Execute(CountSchemas(database_), {schema_}));
  if (Number(found, 0, 0) > 0) return absl::OkStatus();
  const absl::Status created =
      create ? client_.Execute(CreateSchema(in_)).status() : absl::PermissionDeniedError("");
  if (!absl::IsPermissionDenied(created)) return created;
  return absl::NotFoundError(absl::StrCat(
      Describe(), ": there is no schema '", schema_, "' that role '", config_.role,
      "' may use; as the owner of the database: ", CreateSchema(in_),
      "; GRANT USAGE, CREATE TABLE ON SCHEMA ", in_, " TO ROLE ", QuoteName(Identifier(config_.role))));
}

absl::Status SnowflakeDestination::EnsureTables() { return Explain(CreateMissing()); }

absl::Status SnowflakeDestination::CreateMissing() {
  ASSIGN_OR_RETURN(layouts_, ReadLayouts(&client_, database_, schema_, tables_));
  if (layouts_.nothing()) RETURN_IF_ERROR(NeedSchema(/*create=*/true));
  const auto lacks = [&](const char* own) { return layouts_.bookkeeping.count(own) == 0; };
  if (lacks(kStageTable)) RETURN_IF_ERROR(client_.Execute(CreateStageTable(in_)).status());
  if (lacks(kSetAsideTable)) RETURN_IF_ERROR(client_.Execute(CreateSetAsideTable(in_)).status());
  if (lacks(kCoverageTable)) RETURN_IF_ERROR(client_.Execute(CreateCoverageTable(in_)).status());
  std::vector<std::string> missing;
  for (const auto& [endpoint, layout] : layouts_.tables) {
    const Table& table = TableOf(tables_, endpoint);
    if (!layout.exists) missing.push_back(CreateTable(in_, table));
    for (const std::string& column : layout.missing) missing.push_back(AddColumn(in_, table, column));
  }
  // First, so that a process that dies between them leaves no cursor that says too much.
  if (lacks(kLoadsTable)) {
    RETURN_IF_ERROR(client_.Execute(CreateLoadsTable(in_)).status());
  } else if (!missing.empty()) {
    RETURN_IF_ERROR(client_.Execute(ResetCursor(in_)).status());
  }
  for (const std::string& statement : missing) RETURN_IF_ERROR(client_.Execute(statement).status());
  if (!missing.empty()) {
    ASSIGN_OR_RETURN(layouts_, ReadLayouts(&client_, database_, schema_, tables_));
  }
  layouts_read_ = true;
  return absl::OkStatus();
}

absl::StatusOr<LoadCursor> SnowflakeDestination::ReadCursor() {
  absl::StatusOr<Rows> rows = client_.Execute(SelectCursor(in_));
  if (NamesNothing(rows.status())) {
    // Nothing was ever loaded, or it is not here at all.
    ASSIGN_OR_RETURN(const Layouts layouts, ReadLayouts(&client_, database_, schema_, tables_));
    if (layouts.bookkeeping.count(kLoadsTable) > 0 && layouts.bookkeeping.count(kSetAsideTable) > 0) {
      return Explain(rows.status());
    }
    return LoadCursor{};
  }
  RETURN_IF_ERROR(Explain(rows.status()));
  if (rows->empty()) {
    RETURN_IF_ERROR(Explain(client_.Execute(InsertCursor(in_)).status()));
  }
  round_ = Text(*rows, 0, 2);
  set_aside_ = Number(*rows, 0, 3);
  return LoadCursor{Text(*rows, 0, 0), Number(*rows, 0, 1)};
}

absl::Status SnowflakeDestination::NeedTables() {
  if (!layouts_read_) {
    ASSIGN_OR_RETURN(layouts_, ReadLayouts(&client_, database_, schema_, tables_));
    layouts_read_ = true;
  }
  for (const auto& [endpoint, layout] : layouts_.tables) {
    if (layout.exists && layout.missing.empty()) continue;
    layouts_read_ = false;
    return absl::NotFoundError(absl::StrCat(
        Describe(), ": table ", TableOf(tables_, endpoint).name,
        layout.exists ? absl::StrCat(" lacks ", absl::StrJoin(layout.missing, ", ")) : " is missing",
        "; it is created, and filled again from the store, when the load starts again"));
  }
  return absl::OkStatus();
}

absl::StatusOr<BatchCounts> SnowflakeDestination::Upsert(const std::vector<TypedRow>& rows,
                                                         const LoadCursor& from, const LoadCursor& to) {
  CHECK(!to.store_id.empty());
  RETURN_IF_ERROR(Explain(NeedTables()));
  if (!set_aside_.has_value()) RETURN_IF_ERROR(ReadCursor().status());
  Batch batch;
  batch.tables = Newest(rows);
  batch.erased = ErasedIds(rows);
  batch.round = {NewId(random_), clock_.Now().wall, {}};
  batch.set_aside_max = SetAsideMax(rows.size());
  for (const auto& [endpoint, table] : batch.tables) {
    batch.pieces.Add(TableOf(tables_, endpoint), layouts_.tables.at(endpoint), table, batch.rows.size());
    batch.rows.insert(batch.rows.end(), table.begin(), table.end());
  }
  for (const auto& [endpoint, ids] : batch.erased) batch.pieces.AddErased(endpoint, ids);
  batch.refused = batch.pieces.refused();
  if (batch.refused.size() > batch.set_aside_max) {
    return absl::FailedPreconditionError(absl::StrCat(
        Describe(), ": ", batch.refused.size(), " rows of ", rows.size(), " cannot be kept, for example ",
        Name(batch.refused[0].endpoint), " ", batch.refused[0].id, ": ", batch.refused[0].reason));
  }
  RETURN_IF_ERROR(Explain(Stage(batch.round, batch.pieces.all())));
  absl::Status status = Commit(from, to, &batch);
  // Nearly no batch holds a row that is refused, so looking for it costs only those that do.
  if (MayBlameARow(status)) {
    RETURN_IF_ERROR(Explain(FindRefused(0, batch.rows.size(), &batch)));
    status = Commit(from, to, &batch);
  }
  RETURN_IF_ERROR(Explain(std::move(status)));
  round_ = batch.round.id;
  if (!batch.refused.empty()) set_aside_.reset();
  BatchCounts counts;
  counts.written = batch.written;
  counts.set_aside = batch.refused.size();
  counts.unchanged = rows.size() - counts.written - counts.set_aside;
  return counts;
}

absl::Status SnowflakeDestination::Stage(const Round& round, const std::vector<Piece>& pieces) {
  const std::string now = absl::FormatTime("%Y-%m-%dT%H:%M:%E3S", round.now, absl::UTCTimeZone());
  for (size_t i = 0; i < pieces.size();) {
    std::vector<std::string> texts;
    size_t bytes = kStatementRoom;
    size_t count = 0;
    while (i < pieces.size() && (count == 0 || bytes + pieces[i].quoted <= kMaxRequest)) {
      const Piece& piece = pieces[i++];
      bytes += piece.quoted + 500;  // with the other five
      texts.insert(texts.end(), {round.id, piece.of, absl::StrCat(piece.chunk), absl::StrCat(piece.piece),
                                 piece.data, now});
      ++count;
    }
    RETURN_IF_ERROR(client_.Execute(InsertPieces(in_, count), texts).status());
  }
  return absl::OkStatus();
}

absl::Status SnowflakeDestination::Commit(const LoadCursor& from, const LoadCursor& to, Batch* batch) {
  std::vector<std::string> statements = {"BEGIN TRANSACTION",
                                         MoveCursor(in_, batch->round, batch->pieces.all().size(), from, to)};
  for (const auto& [endpoint, ids] : batch->erased) {
    statements.push_back(
        DeleteRows(in_, TableOf(tables_, endpoint), layouts_.tables.at(endpoint), batch->round));
  }
  for (const auto& [endpoint, rows] : batch->tables) {
    statements.push_back(
        MergeRows(in_, TableOf(tables_, endpoint), layouts_.tables.at(endpoint), batch->round));
  }
  if (set_aside_.value_or(1) > 0) {
    for (const auto& [endpoint, rows] : batch->tables) {
      statements.push_back(ForgetSetAside(in_, TableOf(tables_, endpoint), batch->round));
    }
    for (const auto& [endpoint, ids] : batch->erased)
      statements.push_back(ForgetErased(in_, endpoint, batch->round));
  }
  for (const SetAsideRow& row : batch->refused) statements.push_back(WriteSetAside(in_, row, batch->round));
  if (!batch->pieces.all().empty()) statements.push_back(EmptyStage(in_, batch->round));
  statements.push_back("COMMIT");
  ASSIGN_OR_RETURN(const std::vector<std::string> handles, client_.ExecuteAll(statements));
  RETURN_IF_ERROR(Moved(handles[1], from, batch->round));
  batch->written = 0;
  size_t next = 2;
  for (const auto& [endpoint, ids] : batch->erased) {
    ASSIGN_OR_RETURN(const Rows counts, client_.ReadResult(handles[next++]));
    batch->written += std::min<uint64_t>(Sum(counts), ids.size());
  }
  for (const auto& [endpoint, rows] : batch->tables) {
    ASSIGN_OR_RETURN(const Rows counts, client_.ReadResult(handles[next++]));
    // A row that a table of somebody else's has twice was written twice.
    batch->written += std::min<uint64_t>(Sum(counts), rows.size());
  }
  return absl::OkStatus();
}

absl::Status SnowflakeDestination::Moved(const std::string& handle, const LoadCursor& from,
                                         const Round& round) {
  ASSIGN_OR_RETURN(const Rows moved, client_.ReadResult(handle));
  if (Number(moved, 0, 0) > 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const LoadCursor found, ReadCursor());
  if (round_ == round.id) return absl::OkStatus();
  if (!Same(found, from)) return CursorMoved(Describe(), found, from);
  return absl::UnavailableError(absl::StrCat(
      Describe(), ": what was staged for this round has disappeared; loading will be tried again"));
}

absl::Status SnowflakeDestination::TryRange(uint64_t first, uint64_t end, const Batch& batch) {
  std::vector<std::string> statements = {"BEGIN TRANSACTION"};
  uint64_t begin = 0;
  for (const auto& [endpoint, rows] : batch.tables) {
    if (begin < end && first < begin + rows.size()) {
      statements.push_back(
          TryRows(in_, TableOf(tables_, endpoint), layouts_.tables.at(endpoint), batch.round, first, end));
    }
    begin += rows.size();
  }
  statements.push_back("ROLLBACK");
  return client_.ExecuteAll(statements).status();
}

absl::Status SnowflakeDestination::FindRefused(uint64_t first, uint64_t end, Batch* batch) {
  const absl::Status status = TryRange(first, end, *batch);
  if (!MayBlameARow(status)) return status;
  if (end - first > 1) {
    const uint64_t middle = first + (end - first) / 2;
    RETURN_IF_ERROR(FindRefused(first, middle, batch));
    return FindRefused(middle, end, batch);
  }
  if (batch->refused.size() == batch->set_aside_max) return status;
  const TypedRow& row = *batch->rows[first];
  batch->refused.push_back(
      {row.endpoint, ShownId(Id(row)), row.change, ServerWords(status).substr(0, kReasonBytes)});
  batch->round.without.push_back(first);
  return absl::OkStatus();
}

absl::StatusOr<SetAside> SnowflakeDestination::ReadSetAside(size_t limit) {
  SetAside set_aside;
  if (set_aside_ == 0u) return set_aside;
  const absl::StatusOr<Rows> rows = client_.Execute(SelectSetAside(in_));
  if (NamesNothing(rows.status())) return set_aside;
  RETURN_IF_ERROR(Explain(rows.status()));
  for (size_t row = 0; row < rows->size(); ++row) {
    set_aside.total = Number(*rows, row, 4);
    if (row >= limit) break;
    ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(Text(*rows, row, 0)));
    set_aside.rows.push_back({endpoint, Text(*rows, row, 1), Number(*rows, row, 2), Text(*rows, row, 3)});
  }
  set_aside_ = set_aside.total;
  return set_aside;
}

absl::StatusOr<std::vector<Standing>> SnowflakeDestination::Compare(const std::vector<TypedRow>& rows) {
  RETURN_IF_ERROR(Explain(NeedTables()));
  std::map<Endpoint, std::vector<size_t>> places;
  for (size_t i = 0; i < rows.size(); ++i) places[rows[i].endpoint].push_back(i);
  Pieces pieces;
  std::vector<size_t> place_of;  // by the numbers that the rows have in the stage
  for (const auto& [endpoint, of_table] : places) {
    std::vector<const TypedRow*> table;
    for (size_t place : of_table) table.push_back(&rows[place]);
    pieces.Add(TableOf(tables_, endpoint), layouts_.tables.at(endpoint), table, place_of.size());
    place_of.insert(place_of.end(), of_table.begin(), of_table.end());
  }
  std::vector<Standing> standings(rows.size(), Standing::kSame);
  for (const SetAsideRow& row : pieces.refused()) {  // what could not be put there is not there
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].change == row.change) standings[i] = Standing::kMissing;
    }
  }
  const Round round = {NewId(random_), clock_.Now().wall, {}};
  RETURN_IF_ERROR(Explain(Stage(round, pieces.all())));
  constexpr Standing kStandings[] = {Standing::kSame, Standing::kDiffers, Standing::kNewer,
                                     Standing::kMissing};
  for (const auto& [endpoint, of_table] : places) {
    const absl::StatusOr<snowflake::Rows> found =
        client_.Execute(CompareRows(in_, TableOf(tables_, endpoint), layouts_.tables.at(endpoint), round));
    RETURN_IF_ERROR(Explain(found.status()));
    for (size_t row = 0; row < found->size(); ++row) {
      const uint64_t number = Number(*found, row, 0);
      const uint64_t standing = Number(*found, row, 1);
      if (number < place_of.size() && standing < 4) standings[place_of[number]] = kStandings[standing];
    }
  }
  RETURN_IF_ERROR(Explain(client_.Execute(EmptyStage(in_, round)).status()));
  return standings;
}

absl::StatusOr<uint64_t> SnowflakeDestination::CountRows(Endpoint endpoint) {
  const absl::StatusOr<Rows> count = client_.Execute(snowflake::CountRows(in_, TableOf(tables_, endpoint)));
  if (!count.ok()) return Explain(count.status());
  return Number(*count, 0, 0);
}

absl::Status SnowflakeDestination::Query(const ReadQuery& query, const RowSink& sink) {
  ReadMeter meter(query, clock_, Describe());
  RETURN_IF_ERROR(meter.CheckStatements());
  for (size_t i = 0; i < query.statements.size(); ++i) {
    absl::Status stopped = meter.KeepOn();
    const auto keep_on = [&] { return stopped = meter.KeepOn(); };
    const auto visit = [&](Rows rows) {
      for (TextRow& row : rows) {
        stopped = meter.Count(row);
        if (stopped.ok()) stopped = sink(i, std::move(row));
        if (!stopped.ok()) break;
      }
      return stopped;
    };
    const absl::Status read =
        stopped.ok() ? client_.Read(query.statements[i], meter.left(), keep_on, visit) : stopped;
    RETURN_IF_ERROR(stopped);
    if (!read.ok()) return meter.Trouble(read, ServerWords(read));
  }
  return absl::OkStatus();
}

absl::Status SnowflakeDestination::CreateViews(const std::vector<std::string>& statements) {
  for (const std::string& statement : statements) {
    RETURN_IF_ERROR(Explain(client_.Execute(statement).status()));
  }
  return absl::OkStatus();
}

absl::Status SnowflakeDestination::PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) {
  Pieces pieces;
  pieces.Add(days);
  const Round round = {NewId(random_), clock_.Now().wall, {}};
  RETURN_IF_ERROR(Explain(Stage(round, pieces.all())));
  const absl::StatusOr<std::vector<std::string>> handles = client_.ExecuteAll(
      {"BEGIN TRANSACTION", MoveCursor(in_, round, pieces.all().size(), at, at), DeleteCoverage(in_, round),
       InsertCoverage(in_, round), EmptyStage(in_, round), "COMMIT"});
  RETURN_IF_ERROR(Explain(handles.status()));
  return Moved((*handles)[1], at, round);
}

absl::Status SnowflakeDestination::Check() {
  ASSIGN_OR_RETURN(const Layouts layouts, ReadLayouts(&client_, database_, schema_, tables_));
  if (layouts.nothing()) return NeedSchema(/*create=*/false);
  return CheckRights(&client_, config_, tables_, layouts);
}

}  // namespace penstock::destinations::snowflake
