// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/storm_fixture.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "proto/grpc_status.h"
#include "tests/cluster/expected_cells.h"
#include "tests/fakes/status_matchers.h"
#include "worker/grpc_coordinator_client.h"

namespace penstock {
namespace {

constexpr uint64_t kSeed = 20260331;
constexpr int kShortSeconds = 8;
constexpr char kMadeUp[] = "made-up";
// Nobody listens there: the worker that asks for it is given EndlessSource instead of a network.
constexpr char kMadeUpUrl[] = "http://127.0.0.1:9/export/v1/records";
constexpr char kLoader[] = "loader";
// Under the size at which RocksDB begins a new log (48 MiB of compressed pages).
constexpr uint64_t kFullLogBytes = 44 << 20;

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

absl::Duration Now() { return SystemClock().Now().boot; }

template <typename Request, typename Response>
absl::StatusOr<Response> Call(v1::AdminService::Stub& stub,
                              grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                             const Request&, Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  Response response;
  const absl::Status status = FromGrpc((stub.*method)(&context, request, &response));
  if (!status.ok()) return status;
  return response;
}

}  // namespace

Storm::Storm()
    : seed_(Setting("PENSTOCK_CRASH_SEED", kSeed)),
      length_(absl::Seconds(Setting("PENSTOCK_CRASH_SECONDS", kShortSeconds))),
      random_(seed_),
      began_(Now()) {}

Storm::~Storm() { DrainRecordedWorker(); }

absl::Duration Storm::Elapsed() const { return Now() - began_; }

absl::Duration Storm::Between(absl::Duration least, absl::Duration most) {
  return least + (most - least) * random_.Fraction();
}

void Storm::Elapse(absl::Duration duration) {
  ASSERT_TRUE(coordinator_->Lives(duration)) << Output("coordinator.out");
}

void Storm::WriteConfigs() {
  const std::string acme = absl::StrCat("  acme:\n    url: ", source_url(),
                                        "\n    auth: {type: api_key, api_key_file: ", key_file(),
                                        "}\n    budget: {per_minute: 1200}\n");
  const std::string made_up = absl::StrCat("  made-up:\n    url: ", kMadeUpUrl,
                                           "\n    budget: {per_minute: 60000, users_per_minute: 60000}\n");
  const std::string warehouse_line =
      absl::StrCat("  warehouse: {type: sqlite, path: ", warehouse(), ", source: acme}\n");
  const std::string mirror_line =
      absl::StrCat("  mirror: {type: sqlite, path: ", File("mirror.db"), ", source: made-up}\n");
  // Only the test itself ever leases this one: it is how the change sequence is read.
  const std::string probe_line =
      absl::StrCat("  probe: {type: sqlite, path: ", File("probe.db"), ", source: made-up}\n");
  WriteFile("coordinator.yaml", absl::StrCat("version: 1\nstate: ", state(), "\nsources:\n", acme, made_up,
                                             "destinations:\n", warehouse_line, mirror_line, probe_line));
  WriteFile("fetch.yaml", absl::StrCat("version: 1\nsources:\n", acme, "destinations:\n", warehouse_line));
  WriteFile("load.yaml", absl::StrCat("version: 1\nsources:\n", made_up, "destinations:\n", mirror_line));
}

void Storm::StartEverything() {
  StartSandbox({"--rpm", "1200"});
  address_ = absl::StrCat("127.0.0.1:", FreePort());
  WriteConfigs();
  coordinator_ = std::make_unique<Daemon>("coordinator", [this] {
    return Start({"penstock-coordinator", "--config", File("coordinator.yaml"), "--listen", address_},
                 "coordinator.out");
  });
  const auto add_worker = [&](const std::string& name, const std::string& config, const std::string& fetch) {
    workers_.push_back(std::make_unique<Daemon>(name, [this, config, fetch] {
      return Start({"penstock-worker", "--config", File(config), "--coordinator", address_, "--fetch", fetch},
                   "worker.out");
    }));
  };
  add_worker("worker 1", "fetch.yaml", "1");
  add_worker("worker 2", "fetch.yaml", "1");
  add_worker(kLoader, "load.yaml", "0");
  coordinator_->Start();
  admin_ = v1::AdminService::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  Backfill("acme");
  Backfill(kMadeUp);
  for (const auto& worker : workers_) worker->Start();
  StartRecordedWorker();
  began_ = Now();
}

void Storm::StartRecordedWorker() {
  client_ = std::make_shared<RecordingClient>(worker::ConnectToCoordinator(address_), expected_);
  Config config;
  config.sources[kMadeUp].name = kMadeUp;
  config.sources[kMadeUp].url = kMadeUpUrl;
  SetUpLog(LogLevel::kError, LogFormat::kText);  // that the coordinator is away is what this is about
  auto sources = worker::OpenSources(
      config,
      [this](const HttpConfig&) {
        auto source = std::make_unique<EndlessSource>(kMadeUpUrl, seed_);
        source_ = source.get();
        return absl::StatusOr<std::unique_ptr<worker::HttpTransport>>(std::move(source));
      },
      SystemClock());
  CHECK(sources.ok());
  worker_ = std::make_unique<worker::Worker>(
      config, worker::WorkerOptions{.version = "storm", .fetch_capacity = 4, .load_capacity = 0}, client_,
      *sources, SystemClock(), SystemRandom());
  worker_thread_ = std::thread([this] {
    if (const absl::Status ended = worker_->Run(); !ended.ok())
      expected_.Violation(absl::StrCat("the worker was refused: ", ended.message()));
  });
}

void Storm::DrainRecordedWorker() {
  if (!worker_thread_.joinable()) return;
  worker_->Drain();
  worker_->Abort();
  worker_thread_.join();
}

void Storm::Rage() {
  while (!HasFailure() && Elapsed() < length_) Strike();
  raged_ = Elapsed();
}

void Storm::Strike() {
  Elapse(Between(absl::Milliseconds(50), absl::Milliseconds(600)));
  ChangeLongStop();
  Daemon& worker = *workers_[random_.Next() % workers_.size()];
  const absl::Duration moment = Between(absl::Milliseconds(50), absl::Milliseconds(1500));
  const uint64_t die = random_.Next() % 100;
  if (die < 45 || coordinator_->kills() == 0) {
    KillCoordinator();
  } else if (die < 85) {
    if (worker.stopped()) return;
    worker.Kill();
    worker.Start();
  } else if (die < 92) {
    StopFor(*coordinator_, moment);
  } else if (!worker.stopped()) {
    StopFor(worker, moment);
  }
  const bool due = IsLongForm() && Elapsed() > length_ / 2 && !coordinator_stopped_long_;
  if (due) {
    coordinator_stopped_long_ = true;
    StopFor(*coordinator_, coordinator::kLease + absl::Seconds(2));
  }
  // So that there is always something to interrupt.
  Backfill("acme");
  Backfill(kMadeUp);
}

void Storm::KillCoordinator() {
  if (coordinator_->kills() % 15 == 4) FillLog();
  const absl::Duration killed = Now();
  coordinator_->Kill();
  client_->CoordinatorDied();
  coordinator_->Start();
  const std::optional<absl::Duration> permit = client_->AwaitPermit(absl::Seconds(60));
  ASSERT_TRUE(permit.has_value())
      << "no permit within a minute\n"
      << Run({"penstock", "windows", "list", "--coordinator", address_, "--source", kMadeUp}).output
      << Output("coordinator.out");
  recoveries_.push_back(*permit - killed);
  CompareStore();
}

void Storm::FillLog() {
  const uint64_t end = expected_.totals().bytes + kFullLogBytes;
  source_->SetLargePages(true);
  EXPECT_TRUE(Await([&] { return expected_.totals().bytes >= end; }));
  source_->SetLargePages(false);
}

void Storm::StopFor(Daemon& daemon, absl::Duration duration) {
  daemon.Stop();
  Elapse(duration);
  daemon.Resume();
}

// One worker at a time sleeps past its leases while everything else goes on.
void Storm::ChangeLongStop() {
  if (long_stopped_ != nullptr) {
    if (Now() < long_stop_ends_) return;
    long_stopped_->Resume();
    long_stopped_ = nullptr;
  } else if (length_ - Elapsed() > 2 * coordinator::kLease) {
    long_stopped_ = workers_[random_.Next() % workers_.size()].get();
    long_stopped_->Stop();
    long_stop_ends_ = Now() + coordinator::kLease + Between(absl::Seconds(1), absl::Seconds(3));
  }
}

void Storm::Backfill(const std::string& source) {
  v1::CreateBackfillRequest request;
  request.set_source(source);
  request.set_reuse_unfinished(true);
  EXPECT_OK(Call(*admin_, &v1::AdminService::Stub::CreateBackfill, request));
}

bool Storm::JobsAreDone(const std::string& source) {
  v1::ListJobsRequest request;
  request.set_source(source);
  const auto jobs = Call(*admin_, &v1::AdminService::Stub::ListJobs, request);
  EXPECT_OK(jobs);
  if (!jobs.ok()) return false;
  bool done = true;
  for (const v1::Job& job : jobs->jobs()) {
    done = done && job.state() == v1::JOB_DONE && job.parked_windows() == 0;
    if (job.parked_windows() == 0) continue;
    // It lost three workers in a row, as it should here.
    v1::ControlJobRequest retry;
    retry.set_number(job.number());
    retry.set_action(v1::ControlJobRequest::RETRY);
    EXPECT_OK(Call(*admin_, &v1::AdminService::Stub::ControlJob, retry));
  }
  return done;
}

bool Storm::IsLoaded(const std::string& destination) {
  const auto list = Call(*admin_, &v1::AdminService::Stub::ListDestinations, v1::ListDestinationsRequest());
  EXPECT_OK(list);
  if (!list.ok()) return false;
  return std::any_of(list->destinations().begin(), list->destinations().end(), [&](const auto& known) {
    return known.name() == destination && known.behind() == 0 && known.checked() && !known.loading();
  });
}

void Storm::LetEverythingEnd() {
  for (const auto& worker : workers_) worker->Resume();
  DrainRecordedWorker();
  const auto patience = 3 * coordinator::kLease;
  EXPECT_TRUE(Await([&] { return JobsAreDone("acme"); }, patience + absl::Minutes(1)))
      << Output("coordinator.out");
  EXPECT_TRUE(Await([&] { return IsLoaded("mirror") && IsLoaded("warehouse"); }, patience))
      << Output("worker.out");
}

void Storm::CompareStore() {
  const RecordingClient::Pause pause(*client_);
  v1::SyncRequest sync;
  sync.set_worker_id("reader");
  sync.set_protocol(1);
  sync.set_load_capacity(1);
  sync.add_destinations("probe");
  const auto synced = client_->Sync(sync);
  ASSERT_OK(synced);
  ASSERT_EQ(synced->load_size(), 1);
  v1::ReadChangesRequest request;
  *request.mutable_token() = synced->load(0).token();
  request.set_source(kMadeUp);
  request.set_max_bytes(16 << 20);
  worker::CoordinatorClient::Changes all;
  do {
    request.set_after(all.through);
    absl::StatusOr<worker::CoordinatorClient::Changes> part = client_->ReadChanges(request);
    ASSERT_OK(part);
    for (v1::Change& change : part->changes) all.changes.push_back(std::move(change));
    all.through = part->through;
    all.head = part->head;
  } while (all.through < all.head);
  expected_.Compare(all);
  ++compared_;
  ASSERT_THAT(Violations(), ::testing::IsEmpty());
}

void Storm::CompareWarehouses() {
  for (Endpoint endpoint : kAllEndpoints) {
    const destinations::Table& table = destinations::GuideTable(endpoint);
    EXPECT_EQ(SqliteCells(File("mirror.db"), table), ExpectedCells(table, expected_.AcknowledgedOf(endpoint)))
        << Name(endpoint);
  }
  ExpectExact({"--coordinator", address_, "--source", "acme"});
  const Seen seen = Report();
  EXPECT_EQ(seen.limited, 0u);
  EXPECT_LE(seen.most_in_60s, 1200u);
}

int Storm::Kills() const {
  int kills = coordinator_->kills();
  for (const auto& worker : workers_) kills += worker->kills();
  return kills;
}

absl::Duration Storm::RecoveryTime(double quantile) const {
  if (recoveries_.empty()) return absl::InfiniteDuration();
  std::vector<absl::Duration> sorted = recoveries_;
  std::sort(sorted.begin(), sorted.end());
  const size_t rank = static_cast<size_t>(quantile * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

void Storm::PrintTable() const {
  std::cout << absl::StrFormat("\n%-12s %6s %6s  %s\n", "process", "kills", "stops", "longer than a lease");
  const auto line = [](const Daemon& daemon) {
    std::cout << absl::StrFormat("%-12s %6d %6d  %d\n", daemon.name(), daemon.kills(), daemon.stops(),
                                 daemon.long_stops());
  };
  line(*coordinator_);
  for (const auto& worker : workers_) line(*worker);
  const ExpectedRows::Totals totals = expected_.totals();
  const auto ms = [this](double quantile) { return absl::ToInt64Milliseconds(RecoveryTime(quantile)); };
  std::cout << absl::StrFormat(
      "%d kills in %d s, seed %d\n"
      "acknowledged: %d pages, %d row versions, %d rows, %d MB; the whole store compared %d times\n"
      "coordinator killed to first permit: median %d ms, p99 %d ms, worst %d ms of %d\n\n",
      Kills(), absl::ToInt64Seconds(raged_), seed_, totals.pages, totals.versions, totals.rows,
      totals.bytes >> 20, compared_, ms(0.5), ms(0.99), ms(1), recoveries_.size());
}

}  // namespace penstock
