// SPDX-License-Identifier: Apache-2.0
//
// How fast a load fills PostgreSQL, beside the least that PostgreSQL lets one do: COPY of bytes made ready
// beforehand into a temporary table, and INSERT .. ON CONFLICT from there, in the same batches and with the same
// columns, index and durability. The two take turns, batch by batch, so that what else the machine does meets both.
// PENSTOCK_BENCH_ROWS changes the number of rows. Then all of them are compared, as a verification does.
//
// The server is the tests' own: Debian's, with fsync off, so that its waits for the disk do not hide our work.

#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "bench/load_rows.h"
#include "destinations/postgres/postgres_destination.h"
#include "tests/destinations/postgres/postgres_server.h"

namespace penstock {
namespace {

using destinations::TypedRow;
using destinations::Value;

constexpr char kColumns[] =
    "c0 text, c1 timestamptz, c2 text, c3 text, c4 timestamptz, c5 text, c6 text, c7 text, c8 text, c9 "
    "jsonb, c10 "
    "text, c11 jsonb, c12 bigint, c13 timestamptz";
constexpr size_t kColumnCount = 14;

size_t RowCount() {
  const char* rows = getenv("PENSTOCK_BENCH_ROWS");
  return rows == nullptr ? 200'000 : strtoull(rows, nullptr, 10);
}

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

std::string CopyText(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}});
}

// The lines of COPY's text form.
std::string Ready(const std::vector<TypedRow>& rows) {
  std::string lines;
  for (const TypedRow& row : rows) {
    for (const Value& value : row.values) {
      if (const auto* text = std::get_if<std::string>(&value)) {
        absl::StrAppend(&lines, CopyText(*text));
      } else if (const auto* json = std::get_if<destinations::JsonText>(&value)) {
        absl::StrAppend(&lines, CopyText(json->text));
      } else if (const auto* time = std::get_if<absl::Time>(&value)) {
        absl::StrAppend(&lines, FormatExactStamp(*time));
      } else {
        absl::StrAppend(&lines, "\\N");
      }
      lines += '\t';
    }
    absl::StrAppend(&lines, "\\N\t", row.change, "\t2026-03-16T06:02:51.061Z\n");
  }
  return lines;
}

class RawLoader {
 public:
  explicit RawLoader(const destinations::PostgresServer& server)
      : connection_(PQconnectdb(absl::StrCat("host=", server.socket_folder(), " port=", server.port(),
                                             " dbname=postgres user=admin options='-c TimeZone=UTC'")
                                    .c_str())) {
    Run(absl::StrCat("CREATE TABLE raw_rows (", kColumns, ", PRIMARY KEY (c0))"));
    Run(absl::StrCat("CREATE TEMPORARY TABLE raw_stage (", kColumns, ") ON COMMIT DELETE ROWS"));
    std::string sets;
    for (size_t i = 1; i < kColumnCount; ++i) {
      absl::StrAppend(&sets, i == 1 ? "" : ",", "c", i, "=excluded.c", i);
    }
    upsert_ = absl::StrCat("INSERT INTO raw_rows AS t SELECT * FROM raw_stage ON CONFLICT(c0) DO UPDATE SET ",
                           sets, " WHERE excluded.c1 > t.c1");
  }
  ~RawLoader() { PQfinish(connection_); }

  void Load(const std::string& lines) {
    Run("BEGIN");
    PQclear(PQexec(connection_, "COPY raw_stage FROM STDIN"));
    CHECK(PQputCopyData(connection_, lines.data(), static_cast<int>(lines.size())) == 1);
    CHECK(PQputCopyEnd(connection_, nullptr) == 1);
    for (PGresult* result; (result = PQgetResult(connection_)) != nullptr; PQclear(result)) {
      CHECK(PQresultStatus(result) == PGRES_COMMAND_OK);
    }
    Run(upsert_);
    Run("COMMIT");
  }

 private:
  void Run(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    CHECK(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
  }

  PGconn* connection_;
  std::string upsert_;
};

// Of a verification, without the normaliser.
double CompareAll(destinations::Destination& destination, size_t rows) {
  bench::Source source;
  double seconds = 0;
  for (size_t row = 0; row < rows; row += bench::kBatch) {
    const std::vector<TypedRow> batch = bench::Normalised(source.NextBatch());
    const auto begin = std::chrono::steady_clock::now();
    const auto standings = destination.Compare(batch);
    seconds += Seconds(begin);
    CHECK(standings.ok());
    for (const destinations::Standing standing : *standings) CHECK(standing == destinations::Standing::kSame);
  }
  return seconds;
}

void Run() {
  destinations::PostgresServer server;
  destinations::postgres::PostgresDestination destination(server.Config(server.NewSchema()), SystemClock());
  CHECK(destination.EnsureTables().ok());
  RawLoader raw(server);
  bench::Source source;
  double raw_seconds = 0;
  double seconds = 0;
  double seconds_with_normaliser = 0;
  size_t rows = 0;
  for (; rows < RowCount(); rows += bench::kBatch) {
    const std::vector<v1::Change> changes = source.NextBatch();
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<TypedRow> batch = bench::Normalised(changes);
    seconds_with_normaliser += Seconds(begin);
    const std::string lines = Ready(batch);
    for (const bool ours : {rows % (2 * bench::kBatch) == 0, rows % (2 * bench::kBatch) != 0}) {
      const auto turn = std::chrono::steady_clock::now();
      if (ours) {
        const destinations::LoadCursor from =
            rows == 0 ? destinations::LoadCursor{} : destinations::LoadCursor{"bench", rows};
        const auto counts = destination.Upsert(batch, from, {"bench", rows + bench::kBatch});
        CHECK(counts.ok() && counts->written == batch.size());
        seconds += Seconds(turn);
      } else {
        raw.Load(lines);
        raw_seconds += Seconds(turn);
      }
    }
  }
  seconds_with_normaliser += seconds;
  CHECK(server.Query("SELECT count(*) FROM raw_rows")[0][0] == absl::StrCat(rows));
  const double raw_rate = static_cast<double>(rows) / raw_seconds;
  for (const auto& [name, took] : {std::pair<const char*, double>{"raw COPY + INSERT", raw_seconds},
                                   {"upsert", seconds},
                                   {"normalise+upsert", seconds_with_normaliser},
                                   {"compare", CompareAll(destination, rows)}}) {
    const double rate = static_cast<double>(rows) / took;
    std::printf("%-18s %9.0f rows/s  %5.1f %% of raw\n", name, rate, 100 * rate / raw_rate);
  }
  rusage usage;
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  std::printf("%zu rows, largest resident set %ld MiB\n", rows, usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace penstock

int main() {
  penstock::Run();
  return 0;
}
