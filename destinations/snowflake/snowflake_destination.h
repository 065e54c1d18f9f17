// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "base/random.h"
#include "destinations/destination.h"
#include "destinations/snowflake/dialect.h"
#include "destinations/snowflake/layout.h"
#include "destinations/snowflake/pieces.h"
#include "destinations/snowflake/statement_client.h"

namespace penstock::destinations::snowflake {

// A schema of a Snowflake account. A batch is staged as JSON in statements of less than 1 MB; then one request with one
// transaction moves the cursor and merges each table once
// (docs/decisions/2026-11-22-a-round-of-snowflake-is-one-transaction.md).
class SnowflakeDestination final : public Destination {
 public:
  // `http`: the network, for tests.
  SnowflakeDestination(SnowflakeConfig config, const Clock& clock, TableNames tables = TableNames::kGuide,
                       Random& random = SystemRandom(), std::unique_ptr<HttpClient> http = nullptr,
                       Patience patience = {});

  std::string Describe() const override;
  // The schema too, when the role may. As in SQLite the cursor is taken back when anything was missing.
  absl::Status EnsureTables() override;
  absl::StatusOr<LoadCursor> ReadCursor() override;
  // U+0000 and half a surrogate pair as in PostgreSQL. An UNAVAILABLE may have written everything: the cursor tells.
  absl::StatusOr<BatchCounts> Upsert(const std::vector<TypedRow>& rows, const LoadCursor& from,
                                     const LoadCursor& to) override;
  // No statement while ReadCursor and the batches since know of none.
  absl::StatusOr<SetAside> ReadSetAside(size_t limit) override;
  // Through the stage.
  absl::StatusOr<std::vector<Standing>> Compare(const std::vector<TypedRow>& rows) override;
  absl::StatusOr<uint64_t> CountRows(Endpoint endpoint) override;
  absl::Status PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at) override;
  // Each statement sees the tables as they are when it begins. That it only reads is told from its first word: after
  // WITH, Snowflake knows SELECT only, and a request runs one statement.
  absl::Status Query(const ReadQuery& query, const RowSink& sink) override;
  absl::Status CreateViews(const std::vector<std::string>& statements) override;
  // What the role may do is asked of the tables that are there.
  absl::Status Check() override;
  // A batch costs seconds of a warehouse, however small it is.
  uint64_t BatchBytes() const override { return 8 << 20; }

  // Sent so far.
  uint64_t statements() const { return client_.statements(); }

 private:
  struct Batch;

  // Says more exactly what is missing.
  absl::Status Explain(absl::Status status);
  absl::Status NeedSchema(bool create);
  absl::Status CreateMissing();
  absl::Status NeedTables();
  absl::Status Stage(const Round& round, const std::vector<Piece>& pieces);
  // The transaction. OK: it happened.
  absl::Status Commit(const LoadCursor& from, const LoadCursor& to, Batch* batch);
  absl::Status Moved(const std::string& handle, const LoadCursor& from, const Round& round);
  // Finds the rows from `first` until before `end` that are refused, when at least one is.
  absl::Status FindRefused(uint64_t first, uint64_t end, Batch* batch);
  absl::Status TryRange(uint64_t first, uint64_t end, const Batch& batch);

  const SnowflakeConfig config_;
  const Clock& clock_;
  Random& random_;
  const TableNames tables_;
  const std::string database_;
  const std::string schema_;
  const std::string in_;
  StatementClient client_;
  Layouts layouts_;  // as last read
  bool layouts_read_ = false;
  std::string round_;                  // the last that moved the cursor
  std::optional<uint64_t> set_aside_;  // how many; empty: not known
};

}  // namespace penstock::destinations::snowflake
