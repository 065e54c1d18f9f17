// SPDX-License-Identifier: Apache-2.0
//
// How fast a load fills SQLite, beside the least that SQLite lets one do: a loop of prepared upserts with the
// same settings, the same batches and every value made ready beforehand. PENSTOCK_BENCH_ROWS changes the
// number of rows.

#include <benchmark/benchmark.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "bench/load_rows.h"
#include "destinations/sqlite/sqlite_destination.h"

namespace penstock {
namespace {

using bench::kBatch;
using bench::kEndpoint;
using bench::Normalised;
using bench::Source;
using destinations::LoadCursor;
using destinations::TypedRow;

size_t RowCount() {
  const char* rows = getenv("PENSTOCK_BENCH_ROWS");
  return rows == nullptr ? 500'000 : strtoull(rows, nullptr, 10);
}

class TemporaryFile {
 public:
  TemporaryFile() {
    std::string folder = std::filesystem::temp_directory_path() / "penstock-bench-XXXXXX";
    CHECK(mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
  }
  ~TemporaryFile() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ / "warehouse.db"; }

 private:
  std::filesystem::path folder_;
};

std::map<std::string, double> rates;

// Runs `load` for one batch after the other and takes only the time spent in it.
template <typename Prepare, typename Load>
void Measure(benchmark::State& state, const std::string& name, Prepare prepare, Load load) {
  for (auto _ : state) {
    Source source;
    double seconds = 0;
    size_t rows = 0;
    for (; rows < RowCount(); rows += kBatch) {
      auto batch = prepare(source.NextBatch());
      const auto begin = std::chrono::steady_clock::now();
      load(batch, rows);
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    state.SetIterationTime(seconds);
    rates[name] = static_cast<double>(rows) / seconds;
    state.counters["rows_per_second"] = rates[name];
  }
}

void Upsert(destinations::Destination& destination, const std::vector<TypedRow>& rows, size_t before) {
  const LoadCursor from = before == 0 ? LoadCursor{} : LoadCursor{"bench", before};
  CHECK(destination.Upsert(rows, from, {"bench", before + kBatch}).ok());
}

void BM_Upsert(benchmark::State& state) {
  TemporaryFile file;
  destinations::sqlite::SqliteDestination destination(file.path(), SystemClock());
  CHECK(destination.EnsureTables().ok());
  Measure(state, "upsert", Normalised,
          [&](const std::vector<TypedRow>& rows, size_t before) { Upsert(destination, rows, before); });
}

void BM_NormaliseAndUpsert(benchmark::State& state) {
  TemporaryFile file;
  destinations::sqlite::SqliteDestination destination(file.path(), SystemClock());
  CHECK(destination.EnsureTables().ok());
  Measure(
      state, "normalise+upsert", [](std::vector<v1::Change> batch) { return batch; },
      [&](const std::vector<v1::Change>& batch, size_t before) {
        Upsert(destination, Normalised(batch), before);
      });
}

void BM_Normalise(benchmark::State& state) {
  Measure(
      state, "normalise", [](std::vector<v1::Change> batch) { return batch; },
      [](const std::vector<v1::Change>& batch, size_t) { benchmark::DoNotOptimize(Normalised(batch)); });
}

// One row as text, NULL as an empty optional: all that the raw loop binds.
using RawRow = std::vector<std::optional<std::string>>;

std::vector<RawRow> Ready(const std::vector<v1::Change>& batch) {
  std::vector<RawRow> rows;
  for (const TypedRow& row : Normalised(batch)) {
    RawRow& raw = rows.emplace_back();
    for (const destinations::Value& value : row.values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        raw.push_back(*text);
      } else if (const auto* json = std::get_if<destinations::JsonText>(&value)) {
        raw.push_back(json->text);
      } else if (const auto* time = std::get_if<absl::Time>(&value)) {
        raw.push_back(FormatExactStamp(*time));
      } else {
        raw.push_back(std::nullopt);
      }
    }
    raw.push_back(std::nullopt);
    raw.push_back(absl::StrCat(row.change));
    raw.push_back("2026-03-16T06:02:51.061Z");
  }
  return rows;
}

void Execute(sqlite3* db, const std::string& sql) {
  CHECK(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

sqlite3* OpenRaw(const std::string& path, size_t columns) {
  sqlite3* db = nullptr;
  CHECK(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) == SQLITE_OK);
  Execute(db,
          "PRAGMA page_size=8192; PRAGMA cache_size=-16384; PRAGMA synchronous=FULL; PRAGMA "
          "wal_autocheckpoint=4000;"
          "PRAGMA journal_mode=WAL");
  std::string create = "CREATE TABLE t (c0 TEXT NOT NULL PRIMARY KEY";
  for (size_t i = 1; i < columns; ++i)
    absl::StrAppend(&create, ",c", i, i + 2 == columns ? " INTEGER" : " TEXT");
  Execute(db, create + ")");
  return db;
}

void BM_RawUpsert(benchmark::State& state) {
  TemporaryFile file;
  const size_t columns = destinations::GuideTable(kEndpoint).columns.size() + 3;
  sqlite3* db = OpenRaw(file.path(), columns);
  std::string values = "?1", sets;
  for (size_t i = 1; i < columns; ++i) {
    absl::StrAppend(&values, ",?", i + 1);
    absl::StrAppend(&sets, i == 1 ? "" : ",", "c", i, "=excluded.c", i);
  }
  const std::string sql = absl::StrCat("INSERT INTO t VALUES(", values, ") ON CONFLICT(c0) DO UPDATE SET ",
                                       sets, " WHERE excluded.c", columns - 2, " > c", columns - 2);
  sqlite3_stmt* statement = nullptr;
  CHECK(sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) == SQLITE_OK);
  Measure(state, "raw loop", Ready, [&](const std::vector<RawRow>& rows, size_t) {
    Execute(db, "BEGIN IMMEDIATE");
    for (const RawRow& row : rows) {
      for (size_t i = 0; i < row.size(); ++i) {
        const int index = static_cast<int>(i) + 1;
        if (row[i].has_value()) {
          sqlite3_bind_text(statement, index, row[i]->data(), static_cast<int>(row[i]->size()),
                            SQLITE_STATIC);
        } else {
          sqlite3_bind_null(statement, index);
        }
      }
      CHECK(sqlite3_step(statement) == SQLITE_DONE);
      sqlite3_reset(statement);
    }
    Execute(db, "COMMIT");
  });
  sqlite3_finalize(statement);
  CHECK(sqlite3_close(db) == SQLITE_OK);
}

BENCHMARK(BM_RawUpsert)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK(BM_Upsert)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK(BM_NormaliseAndUpsert)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);
BENCHMARK(BM_Normalise)->Iterations(1)->UseManualTime()->Unit(benchmark::kSecond);

void Report() {
  if (rates.count("raw loop") == 0) return;
  for (const auto& [name, rate] : rates) {
    std::printf("%-18s %9.0f rows/s  %5.1f %% of the raw loop\n", name.c_str(), rate,
                100 * rate / rates["raw loop"]);
  }
  rusage usage;
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  std::printf("largest resident set %ld MiB\n", usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  penstock::Report();
}
