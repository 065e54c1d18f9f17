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
#include "destinations/postgres/layout.h"

namespace penstock::destinations::postgres {

class Connection;

// A schema of a PostgreSQL server. Each batch is copied into a temporary table of the session and put from
// there by one statement per table. Connects at the first call that needs it, and again after the connection
// was lost; a session holds nothing that matters between two calls.
class PostgresDestination final : public Destination {
 public:
  // `lock_timeout`: how long to wait for somebody else's lock before a call is UNAVAILABLE.
  PostgresDestination(PostgresConfig config, const Clock& clock,
                      absl::Duration lock_timeout = absl::Seconds(10),
                      TableNames tables = TableNames::kGuide);
  ~PostgresDestination() override;

  std::string Describe() const override;
  // The schema too, when the role may. As in SQLite the cursor is taken back when anything was missing.
  absl::Status EnsureTables() override;
  absl::StatusOr<LoadCursor> ReadCursor() override;
  // A row with U+0000 in its id is set aside; elsewhere it becomes U+FFFD, and so does half a surrogate pair in
  // JSON: EXTRA names the columns (storable.h). An UNAVAILABLE may have written everything: the cursor tells.
  absl::StatusOr<BatchCounts> Upsert(const std::vector<TypedRow>& rows, const LoadCursor& from,
                                     const LoadCursor& to) override;
  absl::StatusOr<SetAside> ReadSetAside(size_t limit) override;
  // Through the stages, in a transaction that is rolled back.
  absl::StatusOr<std::vector<Standing>> Compare(const std::vector<TypedRow>& rows) override;
  absl::StatusOr<uint64_t> CountRows(Endpoint endpoint) override;
  absl::Status PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) override;
  absl::StatusOr<std::vector<FoundTable>> Adopt(const AdoptOptions& options) override;
  absl::Status Query(const ReadQuery& query, const RowSink& sink) override;
  absl::Status CreateViews(const std::vector<std::string>& statements) override;
  absl::Status KeepFacts(const ReadQuery& query) override;
  absl::Status Check() override;

 private:
  using Rows = absl::Span<const TypedRow* const>;
  struct Batch;

  absl::Status Connect();
  // Ends a session that an error has spoilt, and says more exactly which right is missing.
  absl::Status Explain(absl::Status status);
  absl::Status CreateMissing();
  absl::StatusOr<bool> Exists(const std::string& table);
  absl::StatusOr<LoadCursor> SelectLoadCursor(bool* any_set_aside);
  // Makes the stages of the batch's tables as these stand now. Outside the transaction, so that they stay.
  absl::Status PrepareStages(const Batch& batch);
  // The whole transaction. `isolate`: rows that are refused are found and set aside.
  absl::Status Write(const LoadCursor& from, const LoadCursor& to, bool isolate, Batch* batch);
  absl::Status WriteTables(bool isolate, Batch* batch);
  absl::Status EraseRows(Batch* batch);
  // How many were written.
  absl::StatusOr<uint64_t> Put(const Table& table, Rows rows, const Batch& batch);
  absl::Status PutOrSetAside(const Table& table, Rows rows, Batch* batch);
  absl::Status NameSetAside(const Batch& batch);
  // Sets those that are not kSame, by change number.
  absl::Status CompareTable(const Table& table, Rows rows, std::map<uint64_t, Standing>* standings);
  absl::Status WriteCoverage(const std::string& json, const LoadCursor& at);

  const PostgresConfig config_;
  const Clock& clock_;
  const absl::Duration lock_timeout_;
  const TableNames tables_;
  std::unique_ptr<Connection> connection_;          // null: not connected
  std::map<Endpoint, Layout> layouts_;              // as last read
  std::map<Endpoint, std::vector<Target>> stages_;  // that the session has
};

}  // namespace penstock::destinations::postgres
