// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "metrics/answer.h"
#include "metrics/dialect.h"
#include "metrics/run.h"
#include "tests/contracts/destination_contract_test.h"
#include "tests/fakes/fake_clock.h"
#include "tests/metrics/plain_records.h"

namespace penstock::metrics {

// A real warehouse of one of the systems, with records in it that came the whole way: normalised and upserted.
class MetricsWarehouse {
 public:
  explicit MetricsWarehouse(const destinations::WarehouseKind& kind);

  void Load(const RawRecords& records);
  // Erases rows, as a load does for whoever is forgotten.
  void Erase(Endpoint endpoint, const std::vector<std::string>& ids);
  // Keeps facts of the rows that are there now (metrics/kept.h).
  void Keep();
  // A failing statement fails the test.
  Answer Run(const Request& request, absl::Time now = absl::InfiniteFuture());
  CountedRows Rows(const Request& request, uint32_t limit);
  TextRows Query(const std::string& sql);
  void Execute(const std::string& sql) { warehouse_->Execute(sql); }
  // The statements of the last answer.
  const std::vector<std::string>& asked() const { return asked_; }
  const Dialect& dialect() const { return *dialect_; }
  destinations::Destination& destination() { return *destination_; }

 private:
  RunStatements Asking();

  FakeClock clock_;
  std::unique_ptr<destinations::Warehouse> warehouse_;
  std::unique_ptr<destinations::Destination> destination_;
  std::unique_ptr<Dialect> dialect_;
  destinations::LoadCursor cursor_;
  std::vector<std::string> asked_;
};

// SQLite, and PostgreSQL with a real server.
std::vector<destinations::WarehouseKind> QuickKinds();
// And Snowflake's SQL on DuckDB, where that is installed: a new schema takes seconds there.
std::vector<destinations::WarehouseKind> AllKinds();

}  // namespace penstock::metrics
