// SPDX-License-Identifier: Apache-2.0
// What the libraries alone do with pages that a server gave, for bench/end_to_end.py to print beside what the
// whole of Penstock does with them: the least that parsing and writing can cost.
//
//   raw_pages [benchmark flags] PAGE.json ..
#include <benchmark/benchmark.h>
#include <rocksdb/db.h>
#include <simdjson.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

namespace ondemand = simdjson::ondemand;
using Rows = std::vector<std::pair<std::string, std::string>>;  // id, raw

// Every field of every record is looked at, and nothing is kept.
size_t Parse(ondemand::parser& parser, const simdjson::padded_string& page) {
  ondemand::document document = parser.iterate(page);
  size_t records = 0;
  for (ondemand::object record : document["value"].get_array()) {
    for (auto field : record) benchmark::DoNotOptimize(field.value().raw_json_token().value());
    ++records;
  }
  return records;
}

Rows Split(const simdjson::padded_string& page) {
  ondemand::parser parser;
  ondemand::document document = parser.iterate(page);
  Rows rows;
  for (ondemand::object record : document["value"].get_array()) {
    const std::string raw(std::string_view(record.raw_json()));
    record.reset();
    ondemand::value id = record["id"];
    // Users have a number for an id.
    rows.emplace_back(std::string(id.raw_json_token()), raw);
  }
  return rows;
}

void RawSimdjson(benchmark::State& state, const std::vector<simdjson::padded_string>& pages) {
  ondemand::parser parser;
  size_t records = 0, bytes = 0, page = 0;
  for (auto _ : state) {
    records += Parse(parser, pages[page]);
    bytes += pages[page].size();
    page = (page + 1) % pages.size();
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsRate);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

// One batch and one fsync a page, each record once under its id: no look-up, no change sequence, no mark.
void RawRocksDb(benchmark::State& state, const std::vector<Rows>& pages) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / absl::StrCat("penstock-raw-", ::getpid());
  std::filesystem::remove_all(directory);
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kLZ4Compression;
    options.write_buffer_size = 8 << 20;
    rocksdb::DB* raw = nullptr;
    CHECK(rocksdb::DB::Open(options, directory.string(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    size_t rows = 0, turn = 0;
    for (auto _ : state) {
      rocksdb::WriteBatch batch;
      // New ids each time round.
      const std::string round = absl::StrCat(turn / pages.size());
      for (const auto& [id, record] : pages[turn % pages.size()]) CHECK(batch.Put(id + round, record).ok());
      CHECK(db->Write(synced, &batch).ok());
      rows += pages[turn++ % pages.size()].size();
    }
    state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  using namespace penstock;
  benchmark::Initialize(&argc, argv);
  std::vector<simdjson::padded_string> pages;
  std::vector<Rows> rows;
  for (int i = 1; i < argc; ++i) {
    pages.push_back(simdjson::padded_string::load(argv[i]));
    rows.push_back(Split(pages.back()));
  }
  if (pages.empty()) return 2;
  benchmark::RegisterBenchmark("RawSimdjson", [&](benchmark::State& state) { RawSimdjson(state, pages); });
  benchmark::RegisterBenchmark("RawRocksDb", [&](benchmark::State& state) { RawRocksDb(state, rows); })
      ->UseRealTime()
      ->MinTime(3);
  benchmark::RunSpecifiedBenchmarks();
}
