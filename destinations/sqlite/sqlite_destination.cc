// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/sqlite_destination.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "destinations/adoption.h"
#include "destinations/load_cursor.h"
#include "destinations/newest.h"
#include "destinations/sqlite/adopt.h"
#include "destinations/sqlite/connection.h"
#include "destinations/sqlite/dialect.h"
#include "destinations/sqlite/keep.h"
#include "destinations/sqlite/layout.h"
#include "destinations/sqlite/read.h"

namespace penstock::destinations::sqlite {
namespace {

// Batches share their stamps: the text of the last instant is mostly the next one's too.
class StampText {
 public:
  absl::string_view operator()(absl::Time time) {
    if (time != last_) {
      last_ = time;
      text_ = FormatExactStamp(time);
    }
    return text_;
  }

 private:
  absl::Time last_ = absl::InfiniteFuture();
  std::string text_;
};

}  // namespace

struct SqliteDestination::Writer {
  // With a unique key one statement does it; without, `put` updates and `insert` adds what is not there.
  Statement put;
  std::optional<Statement> insert;
  // One per column: a bound text must stay until the statement has run.
  std::vector<StampText> stamps;
  StampText row_stamp;

  void BindPut(const TypedRow& row, absl::string_view loaded_at);
  // The parameters that all statements of a row have.
  void BindColumns(Statement& statement, const TypedRow& row, absl::string_view loaded_at);
};

void SqliteDestination::Writer::BindPut(const TypedRow& row, absl::string_view loaded_at) {
  BindColumns(put, row, loaded_at);
  const int stamp = static_cast<int>(row.values.size()) + 4;
  row.stamp == absl::InfinitePast() ? put.BindNull(stamp) : put.Bind(stamp, row_stamp(row.stamp));
}

void SqliteDestination::Writer::BindColumns(Statement& statement, const TypedRow& row,
                                            absl::string_view loaded_at) {
  CHECK(row.values.size() == stamps.size());
  statement.Reset();
  int index = 1;
  for (size_t i = 0; i < row.values.size(); ++i, ++index) {
    const Value& value = row.values[i];
    if (const auto* text = std::get_if<std::string>(&value)) {
      statement.Bind(index, absl::string_view(*text));
    } else if (const auto* time = std::get_if<absl::Time>(&value)) {
      statement.Bind(index, stamps[i](*time));
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      statement.Bind(index, int64_t{*flag});
    } else if (const auto* json = std::get_if<JsonText>(&value)) {
      statement.Bind(index, absl::string_view(json->text));
    } else {
      statement.BindNull(index);
    }
  }
  row.extra.empty() ? statement.BindNull(index) : statement.Bind(index, absl::string_view(row.extra));
  statement.Bind(++index, static_cast<int64_t>(row.change));
  statement.Bind(++index, loaded_at);
}

SqliteDestination::SqliteDestination(std::string path, const Clock& clock, absl::Duration busy_timeout,
                                     TableNames tables)
    : path_(std::move(path)), clock_(clock), busy_timeout_(busy_timeout), tables_(tables) {}

SqliteDestination::~SqliteDestination() { Disconnect(); }

std::string SqliteDestination::Describe() const { return absl::StrCat("sqlite:", path_); }

void SqliteDestination::Disconnect() {
  writers_.clear();  // before their connection
  schema_version_.reset();
  connection_.reset();
}

absl::Status SqliteDestination::Connect(bool create) {
  if (connection_ != nullptr && connection_->HasMoved()) Disconnect();
  if (connection_ != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(connection_, Connection::Open(path_, {.create = create, .busy_timeout = busy_timeout_}));
  return absl::OkStatus();
}

absl::Status SqliteDestination::EnsureTables() {
  RETURN_IF_ERROR(Connect(/*create=*/true));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  bool incomplete = false;
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& table = TableOf(tables_, endpoint);
    ASSIGN_OR_RETURN(const Layout layout, ReadLayout(connection_.get(), table));
    if (!layout.exists) {
      RETURN_IF_ERROR(connection_->Execute(CreateTable(table)));
      incomplete = true;
      continue;
    }
    for (const std::string& column : layout.missing) {
      RETURN_IF_ERROR(connection_->Execute(AddColumn(table, column)));
      incomplete = true;
    }
    if (!layout.key_index) RETURN_IF_ERROR(connection_->Execute(CreateKeyIndex(table)));
  }
  ASSIGN_OR_RETURN(const bool has_set_aside, TableExists(connection_.get(), kSetAsideTable));
  if (!has_set_aside) RETURN_IF_ERROR(connection_->Execute(CreateSetAsideTable()));
  ASSIGN_OR_RETURN(const bool has_coverage, TableExists(connection_.get(), kCoverageTable));
  if (!has_coverage) RETURN_IF_ERROR(connection_->Execute(CreateCoverageTable()));
  ASSIGN_OR_RETURN(const bool has_loads, TableExists(connection_.get(), kLoadsTable));
  if (!has_loads) {
    RETURN_IF_ERROR(connection_->Execute(CreateLoadsTable()));
  } else if (incomplete) {
    RETURN_IF_ERROR(connection_->Execute(DeleteCursor()));
  }
  return transaction.Commit();
}

absl::StatusOr<LoadCursor> SqliteDestination::ReadCursor() {
  const absl::Status connected = Connect(/*create=*/false);
  // Without a folder it is an error all the same: nothing could ever be loaded there.
  if (absl::IsNotFound(connected) && CheckFolder(path_).ok()) return LoadCursor{};
  RETURN_IF_ERROR(connected);
  return SelectLoadCursor();
}

absl::StatusOr<LoadCursor> SqliteDestination::SelectLoadCursor() {
  ASSIGN_OR_RETURN(const bool has_loads, TableExists(connection_.get(), kLoadsTable));
  if (!has_loads) return LoadCursor{};
  ASSIGN_OR_RETURN(Statement select, connection_->Prepare(SelectCursor()));
  ASSIGN_OR_RETURN(const bool there, select.Step());
  if (!there) return LoadCursor{};
  return LoadCursor{select.Text(0), static_cast<uint64_t>(select.Int(1))};
}

absl::Status SqliteDestination::CheckComplete(const Table& table, const Layout& layout) const {
  if (layout.exists && layout.missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat(Describe(), ": table ", table.name,
                   layout.exists ? absl::StrCat(" lacks ", absl::StrJoin(layout.missing, ", "))
                                 : std::string(" is missing"),
                   "; it is created, and filled again from the store, when the load starts again"));
}

absl::StatusOr<SqliteDestination::Writer> SqliteDestination::MakeWriter(const Table& table) {
  ASSIGN_OR_RETURN(const Layout layout, ReadLayout(connection_.get(), table));
  RETURN_IF_ERROR(CheckComplete(table, layout));
  if (layout.unique_key) {
    ASSIGN_OR_RETURN(Statement upsert, connection_->Prepare(UpsertRow(table)));
    return Writer{std::move(upsert), std::nullopt, std::vector<StampText>(table.columns.size()), {}};
  }
  ASSIGN_OR_RETURN(Statement update, connection_->Prepare(UpdateRow(table)));
  ASSIGN_OR_RETURN(Statement insert, connection_->Prepare(InsertRow(table)));
  return Writer{std::move(update), std::move(insert), std::vector<StampText>(table.columns.size()), {}};
}

absl::Status SqliteDestination::PrepareWriters() {
  ASSIGN_OR_RETURN(const int64_t version, connection_->SchemaVersion());
  if (schema_version_ == version) return absl::OkStatus();
  schema_version_.reset();
  writers_.clear();
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(Writer writer, MakeWriter(TableOf(tables_, endpoint)));
    writers_.emplace(endpoint, std::move(writer));
  }
  ASSIGN_OR_RETURN(const bool has_set_aside, TableExists(connection_.get(), kSetAsideTable));
  if (!has_set_aside) {
    return absl::NotFoundError(absl::StrCat(Describe(), ": table ", kSetAsideTable,
                                            " is missing; it is created when the load starts again"));
  }
  schema_version_ = version;
  return absl::OkStatus();
}

absl::StatusOr<bool> SqliteDestination::Write(Writer& writer, const TypedRow& row,
                                              const std::string& loaded_at) {
  writer.BindPut(row, loaded_at);
  RETURN_IF_ERROR(writer.put.Step().status());
  if (connection_->Changes() > 0) return true;
  if (!writer.insert.has_value()) return false;
  writer.BindColumns(*writer.insert, row, loaded_at);
  RETURN_IF_ERROR(writer.insert->Step().status());
  return connection_->Changes() > 0;
}

absl::StatusOr<bool> SqliteDestination::Delete(const TypedRow& row) {
  ASSIGN_OR_RETURN(Statement statement, connection_->Prepare(DeleteRow(TableOf(tables_, row.endpoint))));
  statement.Bind(1, absl::string_view(Id(row)));
  RETURN_IF_ERROR(statement.Step().status());
  return connection_->Changes() > 0;
}

absl::StatusOr<BatchCounts> SqliteDestination::WriteRows(const std::vector<TypedRow>& rows,
                                                         const std::string& loaded_at) {
  BatchCounts counts;
  std::vector<SetAsideRow> refused;
  absl::Status failed;
  for (const TypedRow& row : rows) {
    if (row.erased) {
      ASSIGN_OR_RETURN(const bool deleted, Delete(row));
      ++(deleted ? counts.written : counts.unchanged);
      continue;
    }
    const absl::StatusOr<bool> written = Write(writers_.at(row.endpoint), row, loaded_at);
    if (written.ok()) {
      ++(*written ? counts.written : counts.unchanged);
      continue;
    }
    // A trigger may have ended the transaction with the row.
    if (!MayBlameARow(written.status()) || refused.size() == SetAsideMax(rows.size()) ||
        !connection_->InTransaction()) {
      failed = written.status();
      break;
    }
    refused.push_back(
        {row.endpoint, std::get<std::string>(row.values.front()), row.change, OwnWords(written.status())});
  }
  // A statement that is not reset would keep the transaction open and point at the rows' bytes.
  for (auto& [endpoint, writer] : writers_) {
    writer.put.Reset();
    if (writer.insert.has_value()) writer.insert->Reset();
  }
  RETURN_IF_ERROR(failed);
  RETURN_IF_ERROR(ForgetSetAside(rows, refused));
  RETURN_IF_ERROR(NameSetAside(refused, loaded_at));
  counts.set_aside = refused.size();
  return counts;
}

absl::Status SqliteDestination::ForgetSetAside(const std::vector<TypedRow>& rows,
                                               const std::vector<SetAsideRow>& refused) {
  ASSIGN_OR_RETURN(Statement any, connection_->Prepare(AnySetAside()));
  RETURN_IF_ERROR(any.Step().status());
  if (any.Int(0) == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(Statement forget, connection_->Prepare(sqlite::ForgetSetAside()));
  for (const TypedRow& row : rows) {
    const auto is_it = [&](const SetAsideRow& other) { return other.change == row.change; };
    if (std::any_of(refused.begin(), refused.end(), is_it)) continue;
    forget.Reset();
    const absl::string_view endpoint = Name(row.endpoint);
    forget.Bind(1, endpoint);
    forget.Bind(2, absl::string_view(std::get<std::string>(row.values.front())));
    RETURN_IF_ERROR(forget.Step().status());
  }
  return absl::OkStatus();
}

absl::Status SqliteDestination::NameSetAside(const std::vector<SetAsideRow>& refused,
                                             const std::string& loaded_at) {
  if (refused.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Statement write, connection_->Prepare(WriteSetAside()));
  for (const SetAsideRow& row : refused) {
    write.Reset();
    write.Bind(1, Name(row.endpoint));
    write.Bind(2, absl::string_view(row.id));
    write.Bind(3, static_cast<int64_t>(row.change));
    write.Bind(4, absl::string_view(row.reason));
    write.Bind(5, absl::string_view(loaded_at));
    RETURN_IF_ERROR(write.Step().status());
  }
  return absl::OkStatus();
}

absl::StatusOr<SetAside> SqliteDestination::ReadSetAside(size_t limit) {
  SetAside set_aside;
  RETURN_IF_ERROR(Connect(/*create=*/false));
  ASSIGN_OR_RETURN(const bool there, TableExists(connection_.get(), kSetAsideTable));
  if (!there) return set_aside;
  ASSIGN_OR_RETURN(Statement select, connection_->Prepare(SelectSetAside()));
  select.Bind(1, static_cast<int64_t>(limit));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, select.Step());
    if (!more) return set_aside;
    ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(select.Text(0)));
    set_aside.rows.push_back(
        {endpoint, select.Text(1), static_cast<uint64_t>(select.Int(2)), select.Text(3)});
    set_aside.total = static_cast<uint64_t>(select.Int(4));
  }
}

absl::Status SqliteDestination::MoveCursor(const LoadCursor& to, const std::string& loaded_at,
                                           uint64_t written) {
  ASSIGN_OR_RETURN(Statement write, connection_->Prepare(WriteCursor()));
  write.Bind(1, absl::string_view(to.store_id));
  write.Bind(2, static_cast<int64_t>(to.change));
  write.Bind(3, absl::string_view(loaded_at));
  write.Bind(4, static_cast<int64_t>(written));
  return write.Step().status();
}

absl::StatusOr<BatchCounts> SqliteDestination::Upsert(const std::vector<TypedRow>& rows,
                                                      const LoadCursor& from, const LoadCursor& to) {
  CHECK(!to.store_id.empty());
  RETURN_IF_ERROR(Connect(/*create=*/false));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  RETURN_IF_ERROR(PrepareWriters());
  ASSIGN_OR_RETURN(const LoadCursor found, SelectLoadCursor());
  if (!Same(found, from)) return CursorMoved(Describe(), found, from);
  if (!ErasedIds(rows).empty() || !SameColumns(from, to)) RETURN_IF_ERROR(DropFacts(connection_.get()));
  const std::string loaded_at = FormatStamp(clock_.Now().wall);
  ASSIGN_OR_RETURN(const BatchCounts counts, WriteRows(rows, loaded_at));
  // Nothing written, nothing moved: the file stays as it is.
  if (counts.written > 0 || !Same(from, to)) RETURN_IF_ERROR(MoveCursor(to, loaded_at, counts.written));
  RETURN_IF_ERROR(transaction.Commit());
  return counts;
}

absl::StatusOr<SqliteDestination::Writer> SqliteDestination::MakeComparer(const Table& table) {
  ASSIGN_OR_RETURN(const Layout layout, ReadLayout(connection_.get(), table));
  RETURN_IF_ERROR(CheckComplete(table, layout));
  ASSIGN_OR_RETURN(Statement compare, connection_->Prepare(CompareRow(table)));
  return Writer{std::move(compare), std::nullopt, std::vector<StampText>(table.columns.size()), {}};
}

absl::StatusOr<std::vector<Standing>> SqliteDestination::Compare(const std::vector<TypedRow>& rows) {
  RETURN_IF_ERROR(Connect(/*create=*/false));
  std::map<Endpoint, Writer> comparers;
  std::vector<Standing> standings;
  standings.reserve(rows.size());
  for (const TypedRow& row : rows) {
    auto comparer = comparers.find(row.endpoint);
    if (comparer == comparers.end()) {
      ASSIGN_OR_RETURN(Writer made, MakeComparer(TableOf(tables_, row.endpoint)));
      comparer = comparers.emplace(row.endpoint, std::move(made)).first;
    }
    comparer->second.BindPut(row, "");
    std::optional<int64_t> there;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, comparer->second.put.Step());
      if (!more) break;
      there = std::max(there.value_or(0), comparer->second.put.Int(0));
    }
    standings.push_back(!there.has_value() ? Standing::kMissing
                        : *there == 0      ? Standing::kSame
                        : *there == 1      ? Standing::kDiffers
                                           : Standing::kNewer);
  }
  return standings;
}

absl::StatusOr<uint64_t> SqliteDestination::CountRows(Endpoint endpoint) {
  RETURN_IF_ERROR(Connect(/*create=*/false));
  ASSIGN_OR_RETURN(Statement count, connection_->Prepare(sqlite::CountRows(TableOf(tables_, endpoint))));
  RETURN_IF_ERROR(count.Step().status());
  return static_cast<uint64_t>(count.Int(0));
}

absl::Status SqliteDestination::Query(const ReadQuery& query, const RowSink& sink) {
  ReadMeter meter(query, clock_, Describe());
  return sqlite::Read(path_, busy_timeout_, query, meter, sink);
}

absl::Status SqliteDestination::CreateViews(const std::vector<std::string>& statements) {
  RETURN_IF_ERROR(Connect(/*create=*/false));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  for (const std::string& statement : statements) RETURN_IF_ERROR(connection_->Execute(statement));
  return transaction.Commit();
}

absl::Status SqliteDestination::KeepFacts(const ReadQuery& query) {
  ReadMeter meter(query, clock_, Describe());
  return Keep(path_, busy_timeout_, query, meter);
}

absl::Status SqliteDestination::PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) {
  RETURN_IF_ERROR(Connect(/*create=*/false));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection_.get()));
  ASSIGN_OR_RETURN(const LoadCursor found, SelectLoadCursor());
  if (!Same(found, at)) return CursorMoved(Describe(), found, at);
  RETURN_IF_ERROR(connection_->Execute(DeleteCoverage()));
  {
    ASSIGN_OR_RETURN(Statement insert, connection_->Prepare(InsertCoverage()));
    for (const CoverageDay& day : days) {
      const std::string date = FormatDay(day.day);
      const bool never = day.counted == absl::InfinitePast();
      const std::string counted = never ? "" : FormatStamp(day.counted);
      insert.Reset();
      insert.Bind(1, Name(day.endpoint));
      insert.Bind(2, absl::string_view(date));
      insert.Bind(3, absl::string_view(day.state));
      insert.Bind(4, static_cast<int64_t>(day.rows));
      never ? insert.BindNull(5) : insert.Bind(5, absl::string_view(counted));
      RETURN_IF_ERROR(insert.Step().status());
    }
  }
  return transaction.Commit();
}

absl::StatusOr<std::vector<FoundTable>> SqliteDestination::Adopt(const AdoptOptions& options) {
  const absl::Status connected = Connect(/*create=*/false);
  if (absl::IsNotFound(connected) && CheckFolder(path_).ok()) {
    std::vector<FoundTable> none;
    for (Endpoint endpoint : kAllEndpoints) none.push_back(Named(TableOf(tables_, endpoint)));
    return none;
  }
  RETURN_IF_ERROR(connected);
  return sqlite::Adopt(connection_.get(), tables_, options);
}

absl::Status SqliteDestination::Check() {
  absl::StatusOr<std::unique_ptr<Connection>> connection =
      Connection::Open(path_, {.probe = true, .busy_timeout = busy_timeout_});
  // EnsureTables would make the file.
  if (absl::IsNotFound(connection.status())) return CheckFolder(path_);
  RETURN_IF_ERROR(connection.status());
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(connection->get()));
  for (Endpoint endpoint : kAllEndpoints) {
    RETURN_IF_ERROR(ReadLayout(connection->get(), TableOf(tables_, endpoint)).status());
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::sqlite
