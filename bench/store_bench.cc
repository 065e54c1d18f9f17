// SPDX-License-Identifier: Apache-2.0
// How fast a store takes pages, beside what RocksDB alone does with the same bytes on the same disk.
//
//   store_bench                          new rows, rows read again, raw RocksDB
//   store_bench --benchmark_filter=Load  what a load task reads
//   store_bench --benchmark_filter=Three only 3 million rows, for peak_MiB
//
// rows/s counts wall time, because a commit waits for the disk; cpu_per_row is the processor time of all
// threads, RocksDB's own included. PENSTOCK_BENCH_DIR chooses the disk (default: the temporary directory).
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "rocksdb/db.h"
#include "store/rocks_store.h"

namespace penstock::store {
namespace {

constexpr int kPageRows = 500;

std::string NewDirectory() {
  static int count = 0;
  const char* base = std::getenv("PENSTOCK_BENCH_DIR");
  const std::string path =
      absl::StrCat(base != nullptr ? base : std::filesystem::temp_directory_path().string(),
                   "/penstock-bench-", ::getpid(), "-", ++count);
  std::filesystem::remove_all(path);
  return path;
}

// Rows of about 700 bytes that compress about as well as the published plugin-resources do (3 to 1).
class Pages {
 public:
  v1::Row MakeRow(uint64_t number) {
    SeededRandom random(number);
    v1::Row row;
    row.set_id(
        absl::StrCat(absl::Hex(random.Next(), absl::kZeroPad16), absl::Hex(random.Next(), absl::kZeroPad16)));
    std::string words;
    while (words.size() < 260) absl::StrAppend(&words, kWords[random.Next() % kWords.size()], " ");
    row.set_raw(absl::StrCat(
        R"({"cited": false, "conversation_id": ")", absl::Hex(random.Next()),
        R"(", "created_time": "2026-03-18T21:39:20.871Z", "detail": {"name": null, "snippet": ")", words,
        R"(", "url": "https://contoso.sharepoint.com/sites/HR/)", absl::Hex(random.Next()), R"("}, "id": ")",
        row.id(), R"(", "interaction_id": ")", absl::Hex(random.Next()),
        R"(", "last_updated_time": "2026-03-19T06:17:06.051Z", "plugin_call_id": ")",
        absl::Hex(random.Next()), R"(", "resource_id": ")", absl::Hex(random.Next()),
        absl::Hex(random.Next()), R"(", "type": "RESOURCE_TYPE_FILE", "user_id": ")", random.Next(),
        R"("})"));
    *row.mutable_created_time() =
        ToProto(absl::FromUnixSeconds(1'773'800'000 - static_cast<int64_t>(number / 10)));
    *row.mutable_last_updated_time() = ToProto(absl::FromUnixSeconds(1'773'900'000));
    return row;
  }
  PageWrite MakePage(uint64_t page) {
    PageWrite write;
    write.source = 1;
    write.endpoint = Endpoint::kPluginResources;
    write.window = 1001;
    write.permit = page + 1;
    for (int i = 0; i < kPageRows; ++i) write.rows.push_back(MakeRow(page * kPageRows + i));
    return write;
  }

 private:
  const std::vector<std::string> kWords = {"approval", "manager", "request",  "software", "access",  "the",
                                           "employee", "policy",  "of",       "laptop",   "and",     "ticket",
                                           "for",      "is",      "expected", "days",     "present", "a",
                                           "week",     "vpn",     "reset"};
};

// The window's progress that rides with every page.
std::vector<Record> Progress(const v1::PageCounts& counts) {
  storage::WindowRecord window;
  window.set_number(1001);
  window.set_next_link(
      "https://api.example/export/v1/records/plugin-resources?$skiptoken=0123456789abcdef0123456789abcdef");
  window.mutable_counts()->set_fetched(counts.fetched());
  return {window};
}

Batch MakeBatch(PageWrite page) {
  Batch batch;
  batch.page = std::move(page);
  batch.finish = Progress;
  return batch;
}

std::unique_ptr<Store> OpenNew(const std::string& directory) {
  RocksStoreOptions options;
  options.directory = directory;
  auto store = OpenRocksStore(options, SystemClock(), SystemRandom());
  CHECK(store.ok());
  storage::SourceRecord source;
  source.set_id(1);
  source.set_name("acme");
  Batch batch;
  batch.records.push_back(source);
  CHECK((*store)->Commit(std::move(batch)).ok());
  return *std::move(store);
}

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double PeakMegabytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  double kilobytes = 0;
  while (std::getline(status, line)) {
    if (absl::StartsWith(line, "VmHWM:")) kilobytes = std::strtod(line.c_str() + 6, nullptr);
  }
  return kilobytes / 1024;
}

// Sums what the pages cost, without the time in which they were made.
class Meter {
 public:
  template <typename Work>
  void Measure(benchmark::State& state, Work work) {
    const double cpu = CpuSeconds();
    const auto begin = std::chrono::steady_clock::now();
    work();
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    cpu_ += CpuSeconds() - cpu;
    wall_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  // `of_raw`: the share of RawRocksDb's speed, when that ran before in this process.
  void Report(benchmark::State& state, bool is_raw = false) {
    static double raw_rate = 0;
    const double rows = static_cast<double>(state.iterations()) * kPageRows;
    if (is_raw) raw_rate = rows / wall_;
    if (!is_raw && raw_rate > 0) state.counters["of_raw"] = rows / wall_ / raw_rate;
    state.counters["rows/s"] = benchmark::Counter(rows, benchmark::Counter::kIsRate);
    state.counters["cpu_us_per_row"] = cpu_ * 1e6 / rows;
    state.counters["peak_MiB"] = PeakMegabytes();
  }

 private:
  double cpu_ = 0, wall_ = 0;
};

void NewRows(benchmark::State& state) {
  const std::string directory = NewDirectory();
  {
    const std::unique_ptr<Store> store = OpenNew(directory);
    Pages pages;
    Meter meter;
    uint64_t page = 0;
    for (auto _ : state) {
      Batch batch = MakeBatch(pages.MakePage(page++));
      meter.Measure(state, [&] { CHECK(store->Commit(std::move(batch)).ok()); });
    }
    meter.Report(state);
  }
  std::filesystem::remove_all(directory);
}

void RowsReadAgain(benchmark::State& state) {
  constexpr uint64_t kPages = 400;
  const std::string directory = NewDirectory();
  {
    const std::unique_ptr<Store> store = OpenNew(directory);
    Pages pages;
    for (uint64_t page = 0; page < kPages; ++page) CHECK(store->Commit(MakeBatch(pages.MakePage(page))).ok());
    Meter meter;
    uint64_t page = 0;
    for (auto _ : state) {
      PageWrite again = pages.MakePage(page++ % kPages);
      again.permit += kPages;
      Batch batch = MakeBatch(std::move(again));
      meter.Measure(state, [&] {
        const auto committed = store->Commit(std::move(batch));
        CHECK(committed.ok() && committed->counts.identical() == kPageRows);
      });
    }
    meter.Report(state);
  }
  std::filesystem::remove_all(directory);
}

// The floor: the same ids and raw bytes, each written once under its id, synced page by page. No look-up, no
// rule, no change sequence, no mark.
void RawRocksDb(benchmark::State& state) {
  const std::string directory = NewDirectory();
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kLZ4Compression;
    options.write_buffer_size = 8 << 20;
    rocksdb::DB* raw = nullptr;
    CHECK(rocksdb::DB::Open(options, directory, &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    Pages pages;
    Meter meter;
    uint64_t page = 0;
    for (auto _ : state) {
      const PageWrite write = pages.MakePage(page++);
      meter.Measure(state, [&] {
        rocksdb::WriteBatch batch;
        for (const v1::Row& row : write.rows) CHECK(batch.Put(row.id(), row.raw()).ok());
        CHECK(db->Write(synced, &batch).ok());
      });
    }
    meter.Report(state, /*is_raw=*/true);
  }
  std::filesystem::remove_all(directory);
}

// What a load task reads: the change sequence from the beginning, 4 MiB at a time.
void LoadReads(benchmark::State& state) {
  constexpr uint64_t kPages = 400;
  const std::string directory = NewDirectory();
  {
    const std::unique_ptr<Store> store = OpenNew(directory);
    Pages pages;
    for (uint64_t page = 0; page < kPages; ++page) CHECK(store->Commit(MakeBatch(pages.MakePage(page))).ok());
    uint64_t after = 0, rows = 0;
    for (auto _ : state) {
      const auto changes = store->ReadChanges(1, after, 4 << 20);
      CHECK(changes.ok());
      rows += changes->changes.size();
      after = changes->through == changes->head ? 0 : changes->through;
    }
    state.counters["rows/s"] = benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
    state.counters["peak_MiB"] = PeakMegabytes();
  }
  std::filesystem::remove_all(directory);
}

BENCHMARK(RawRocksDb)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(800);
BENCHMARK(NewRows)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(800);
// 3 million rows, 2 GB: how much memory that takes, and whether the speed holds.
BENCHMARK(NewRows)
    ->Name("ThreeMillionRows")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(6000);
BENCHMARK(RowsReadAgain)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(400);
BENCHMARK(LoadReads)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock::store
