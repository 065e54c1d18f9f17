// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/metrics_warehouse.h"

#include <gtest/gtest.h>

#include "base/status_macros.h"
#include "metrics/dialects/postgres.h"
#include "metrics/dialects/snowflake.h"
#include "metrics/dialects/sqlite.h"
#include "metrics/kept.h"
#include "proto/row.pb.h"
#include "tests/destinations/postgres/postgres_warehouse.h"
#include "tests/destinations/snowflake/snowflake_server.h"
#include "tests/destinations/snowflake/snowflake_warehouse.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "worker/normaliser.h"

namespace penstock::metrics {
namespace {

std::unique_ptr<Dialect> DialectFor(const std::string& kind, destinations::Warehouse& warehouse) {
  if (kind == "Sqlite") return std::make_unique<SqliteDialect>(TableNames::kGuide);
  if (kind == "Postgres") {
    PostgresConfig config;
    config.schema = warehouse.Query("SELECT current_schema()")[0][0];
    return std::make_unique<PostgresDialect>(config, TableNames::kGuide);
  }
  const auto place = warehouse.Query("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()");
  SnowflakeConfig config;
  config.database = "\"" + place[0][0] + "\"";
  config.schema = "\"" + place[0][1] + "\"";
  return std::make_unique<SnowflakeDialect>(config, TableNames::kGuide);
}

}  // namespace

MetricsWarehouse::MetricsWarehouse(const destinations::WarehouseKind& kind)
    : warehouse_(kind.make()),
      destination_(warehouse_->Open(clock_)),
      dialect_(DialectFor(kind.name, *warehouse_)) {
  EXPECT_EQ(destination_->EnsureTables(), absl::OkStatus());
}

void MetricsWarehouse::Load(const RawRecords& records) {
  std::vector<destinations::TypedRow> rows;
  for (const auto& [endpoint, raws] : records) {
    for (const std::string& raw : raws) {
      v1::Change change;
      change.set_number(cursor_.change + rows.size() + 1);
      change.mutable_row()->set_raw(raw);
      // The id as the worker takes it from the record.
      const size_t at = raw.find("\"id\":\"") + 6;
      change.mutable_row()->set_id(raw.substr(at, raw.find('"', at) - at));
      auto normalised = worker::Normalise(change, destinations::GuideTable(endpoint));
      ASSERT_TRUE(normalised.ok()) << normalised.status() << raw;
      rows.push_back(std::move(normalised->row));
    }
  }
  const destinations::LoadCursor to = {"store", cursor_.change + rows.size()};
  const auto counts = destination_->Upsert(rows, cursor_, to);
  ASSERT_TRUE(counts.ok()) << counts.status();
  cursor_ = to;
}

void MetricsWarehouse::Erase(Endpoint endpoint, const std::vector<std::string>& ids) {
  std::vector<destinations::TypedRow> rows;
  for (const std::string& id : ids) {
    destinations::TypedRow& row = rows.emplace_back();
    row.endpoint = endpoint;
    row.values = {id};
    row.change = cursor_.change + rows.size();
    row.erased = true;
  }
  const destinations::LoadCursor to = {"store", cursor_.change + rows.size()};
  const auto counts = destination_->Upsert(rows, cursor_, to);
  ASSERT_TRUE(counts.ok()) << counts.status();
  cursor_ = to;
}

void MetricsWarehouse::Keep() {
  const absl::Status kept = destination_->KeepFacts({.statements = KeptStatements(*dialect_)});
  ASSERT_TRUE(kept.ok()) << kept;
}

TextRows MetricsWarehouse::Query(const std::string& sql) {
  TextRows rows;
  if (sql.empty()) return rows;
  for (auto& row : warehouse_->Query(sql)) {
    auto& cells = rows.emplace_back();
    for (std::string& cell : row) {
      cells.push_back(cell == "<null>" ? std::nullopt : std::optional<std::string>(std::move(cell)));
    }
  }
  return rows;
}

// The way that a worker asks.
RunStatements MetricsWarehouse::Asking() {
  return [this](const std::vector<std::string>& statements) -> absl::StatusOr<std::vector<TextRows>> {
    std::vector<TextRows> rows(statements.size());
    asked_ = statements;
    RETURN_IF_ERROR(
        destination_->Query({.statements = statements}, [&](size_t statement, destinations::TextRow row) {
          rows[statement].push_back(std::move(row));
          return absl::OkStatus();
        }));
    return rows;
  };
}

Answer MetricsWarehouse::Run(const Request& request, absl::Time now) {
  const auto answer = Compute(request, *dialect_, Asking(), now);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *answer : Answer();
}

CountedRows MetricsWarehouse::Rows(const Request& request, uint32_t limit) {
  const auto found = FindRows(request, *dialect_, Asking(), limit);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *found : CountedRows();
}

std::vector<destinations::WarehouseKind> QuickKinds() {
  return {{"Sqlite", destinations::MakeSqliteWarehouse}, {"Postgres", destinations::MakePostgresWarehouse}};
}

std::vector<destinations::WarehouseKind> AllKinds() {
  std::vector<destinations::WarehouseKind> kinds = QuickKinds();
  if (destinations::SnowflakeServer::Installed()) {
    kinds.push_back({"Snowflake", destinations::MakeSnowflakeWarehouse});
  }
  return kinds;
}

}  // namespace penstock::metrics
