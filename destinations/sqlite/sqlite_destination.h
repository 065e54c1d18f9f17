// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "destinations/destination.h"

namespace penstock::destinations::sqlite {

class Connection;
class Statement;
struct Layout;

// The embedded default: one SQLite file that nothing else needs to be installed for. Readers may query it at
// any time beside the load; a second writer waits. The file is opened by the first call that needs it, and
// again when another one was put in its place.
class SqliteDestination final : public Destination {
 public:
  // `busy_timeout`: how long to wait for another writer before a call is UNAVAILABLE.
  SqliteDestination(std::string path, const Clock& clock, absl::Duration busy_timeout = absl::Seconds(10),
                    TableNames tables = TableNames::kGuide);
  ~SqliteDestination() override;

  std::string Describe() const override;
  // A table or column that had to be created lacks what was loaded before: the cursor is taken back in the
  // same transaction, and the next load fills it from the store.
  absl::Status EnsureTables() override;
  // Empty also when there is no file yet.
  absl::StatusOr<LoadCursor> ReadCursor() override;
  // NOT_FOUND, and nothing written, when a table or column is missing: EnsureTables creates it.
  absl::StatusOr<BatchCounts> Upsert(const std::vector<TypedRow>& rows, const LoadCursor& from,
                                     const LoadCursor& to) override;
  absl::StatusOr<SetAside> ReadSetAside(size_t limit) override;
  absl::StatusOr<std::vector<Standing>> Compare(const std::vector<TypedRow>& rows) override;
  absl::StatusOr<uint64_t> CountRows(Endpoint endpoint) override;
  absl::Status PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) override;
  absl::StatusOr<std::vector<FoundTable>> Adopt(const AdoptOptions& options) override;
  // Over a connection of its own, which can write nothing.
  absl::Status Query(const ReadQuery& query, const RowSink& sink) override;
  absl::Status CreateViews(const std::vector<std::string>& statements) override;
  absl::Status KeepFacts(const ReadQuery& query) override;
  absl::Status Check() override;

 private:
  struct Writer;  // the statements that put one table's rows

  absl::Status Connect(bool create);
  void Disconnect();
  absl::StatusOr<LoadCursor> SelectLoadCursor();
  // Reads how the tables stand now, unless nobody has changed the schema since the last time.
  absl::Status PrepareWriters();
  absl::Status CheckComplete(const Table& table, const Layout& layout) const;
  absl::StatusOr<Writer> MakeWriter(const Table& table);
  absl::StatusOr<Writer> MakeComparer(const Table& table);
  absl::StatusOr<bool> Delete(const TypedRow& row);
  absl::StatusOr<bool> Write(Writer& writer, const TypedRow& row, const std::string& loaded_at);
  absl::StatusOr<BatchCounts> WriteRows(const std::vector<TypedRow>& rows, const std::string& loaded_at);
  absl::Status ForgetSetAside(const std::vector<TypedRow>& rows, const std::vector<SetAsideRow>& refused);
  absl::Status NameSetAside(const std::vector<SetAsideRow>& refused, const std::string& loaded_at);
  absl::Status MoveCursor(const LoadCursor& to, const std::string& loaded_at, uint64_t written);

  const std::string path_;
  const Clock& clock_;
  const absl::Duration busy_timeout_;
  const TableNames tables_;
  std::unique_ptr<Connection> connection_;  // null: not open
  std::map<Endpoint, Writer> writers_;      // of the schema at `schema_version_`
  std::optional<int64_t> schema_version_;
};

}  // namespace penstock::destinations::sqlite
