// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "base/clock.h"
#include "base/config.h"
#include "destinations/destination.h"
#include "destinations/sqlserver/connection.h"
#include "destinations/sqlserver/layout.h"

namespace penstock::destinations::sqlserver {

// A schema of a SQL Server database. Each batch travels as one JSON parameter per table into a temporary table of the
// session, and is put from there by an UPDATE and an INSERT. Connects at the first call that needs it, and again after
// the connection was lost; a session holds nothing that matters between two calls.
class SqlserverDestination final : public Destination {
 public:
  // `lock_timeout`: how long to wait for somebody else's lock before a call is UNAVAILABLE.
  SqlserverDestination(SqlserverConfig config, const Clock& clock,
                       absl::Duration lock_timeout = absl::Seconds(10),
                       TableNames tables = TableNames::kGuide, Connector connector = OpenOdbc);

  std::string Describe() const override;
  // The schema too, when the login may. As in SQLite the cursor is taken back when anything was missing.
  absl::Status EnsureTables() override;
  absl::StatusOr<LoadCursor> ReadCursor() override;
  // A row with U+0000 in its id is set aside; elsewhere it becomes U+FFFD, and EXTRA names the columns
  // (storable.h). So is one whose id has more than 850 UTF-16 units, or differs from another one only in blanks at
  // its end: this system's keys cannot hold it. An UNAVAILABLE may have written everything: the cursor tells.
  absl::StatusOr<BatchCounts> Upsert(const std::vector<TypedRow>& rows, const LoadCursor& from,
                                     const LoadCursor& to) override;
  absl::StatusOr<SetAside> ReadSetAside(size_t limit) override;
  // Through the stages, in a transaction that is rolled back.
  absl::StatusOr<std::vector<Standing>> Compare(const std::vector<TypedRow>& rows) override;
  absl::StatusOr<uint64_t> CountRows(Endpoint endpoint) override;
  absl::Status PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) override;
  absl::Status Check() override;

 private:
  using Rows = absl::Span<const TypedRow* const>;
  struct Batch;

  absl::Status Connect();
  // Says more exactly which right is missing.
  absl::Status Explain(absl::Status status);
  absl::Status CreateMissing();
  absl::Status CreateMissingTables();
  absl::StatusOr<bool> Exists(const std::string& table);
  absl::StatusOr<LoadCursor> SelectLoadCursor(bool* any_set_aside);
  // The transaction holds it from now on. ABORTED when it is not `at`.
  absl::Status TakeCursor(const LoadCursor& at, bool* any_set_aside);
  // Makes the stages of the batch's tables as these stand now. Outside the transaction, so that they stay.
  absl::Status PrepareStages(const Batch& batch);
  // The whole transaction, again when another session was in its way.
  absl::Status Write(const LoadCursor& from, const LoadCursor& to, Batch* batch);
  absl::Status WriteOnce(const LoadCursor& from, const LoadCursor& to, Batch* batch);
  absl::Status EraseRows(Batch* batch);
  absl::Status MoveCursor(const LoadCursor& to, const Batch& batch);
  // How many were written.
  absl::StatusOr<uint64_t> Put(const Table& table, Rows rows, const Batch& batch);
  // Finds the rows that are refused, when at least one is: an error ends the transaction here, so each part is
  // tried in one of its own, which is rolled back.
  absl::Status FindRefused(const Table& table, Rows rows, Batch* batch);
  // With `together`, behind the rows that came through before: two rows may only exclude each other.
  absl::Status Try(const Table& table, Rows rows, Batch* batch);
  absl::Status NameSetAside(const Batch& batch);
  // Sets those that are not kSame, by change number.
  absl::Status CompareTable(const Table& table, Rows rows, std::map<uint64_t, Standing>* standings);
  absl::Status WriteCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at);

  const SqlserverConfig config_;
  const Clock& clock_;
  const absl::Duration lock_timeout_;
  const TableNames tables_;
  const Connector connector_;
  std::unique_ptr<Connection> connection_;          // null: not connected
  Layouts layouts_;                                 // as last read
  std::map<Endpoint, std::vector<Target>> stages_;  // that the session has
};

}  // namespace penstock::destinations::sqlserver
