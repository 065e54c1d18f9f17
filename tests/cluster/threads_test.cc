// SPDX-License-Identifier: Apache-2.0
// Coordinator, workers, sandbox and people in one process and many threads, the coordinator called directly: what
// the thread sanitizer can judge of the locking, as nothing passes through libraries that it cannot see into.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "coordinator/admin_desk.h"
#include "coordinator/core.h"
#include "coordinator/load_desk.h"
#include "coordinator/query_desk.h"
#include "coordinator/worker_desk.h"
#include "proto/convert.h"
#include "sandbox/sandbox_server.h"
#include "store/memory_store.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/await.h"
#include "tests/fakes/served_records.h"
#include "tests/fakes/status_matchers.h"
#include "worker/curl_transport.h"
#include "worker/worker.h"

namespace penstock {
namespace {

constexpr int kWorkers = 6;

// The calls of a worker, without a network between.
class DirectClient final : public worker::CoordinatorClient {
 public:
  explicit DirectClient(coordinator::Core& core) : core_(core), desk_(core), queries_(core) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request) override {
    return desk_.Sync(request);
  }
  absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(const v1::AcquirePermitRequest& request) override {
    return desk_.AcquirePermit(request);
  }
  absl::Status ReportPermit(const v1::ReportPermitRequest& request) override {
    return desk_.ReportPermit(request);
  }
  absl::StatusOr<v1::CommitPageResponse> CommitPage(const worker::PageToCommit& page,
                                                    const v1::PermitReport& permit) override {
    v1::PageHeader header = page.header;
    *header.mutable_permit() = permit;
    return desk_.CommitPage(header, page.rows, page.quarantined);
  }
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) override {
    return desk_.ReleaseWindow(request);
  }
  absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest& request) override {
    Changes changes;
    const absl::Status status =
        coordinator::ReadChanges(core_, request, [&](const v1::ReadChangesResponse& response) {
          changes.changes.insert(changes.changes.end(), response.changes().begin(), response.changes().end());
          changes.through = response.through();
          changes.head = response.head();
          changes.epoch = response.epoch();
          return true;
        });
    if (!status.ok()) return status;
    return changes;
  }
  absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest& request) override {
    return coordinator::ReportLoad(core_, request);
  }
  absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request) override {
    return queries_.TakeQuery(request);
  }
  absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::vector<v1::ReportQueryRequest>& messages) override {
    auto next = messages.begin();
    return queries_.ReportQuery([&](v1::ReportQueryRequest* message) {
      if (next == messages.end()) return false;
      *message = *next++;
      return true;
    });
  }

 private:
  coordinator::Core& core_;
  coordinator::WorkerDesk desk_;
  coordinator::QueryDesk queries_;
};

TEST(Threads, WorkersAndPeopleMeetInTheCoordinatorAndEveryRowArrives) {
  // As every process does before its threads: else the first that logs builds spdlog's registry unseen.
  SetUpLog(LogLevel::kInfo, LogFormat::kText);
  sandbox::SandboxOptions serve;
  serve.synthetic = sandbox::SyntheticOptions{.days = 7, .users = 60, .conversations = 20, .seed = 7};
  serve.now = absl::FromUnixSeconds(absl::ToUnixSeconds(SystemClock().Now().wall));
  serve.page_size = 20;
  serve.per_minute = 0;
  serve.faults = {"500=0.02", "reset=0.02"};
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<sandbox::SandboxServer> sandbox, sandbox::SandboxServer::Start(serve));

  destinations::TemporaryFolder folder;
  Config config;
  config.sources["acme"].name = "acme";
  config.sources["acme"].url = sandbox->base_url();
  config.destinations["warehouse"] = {.name = "warehouse", .source = "acme", .path = folder / "warehouse.db"};
  coordinator::CoreOptions options;
  coordinator::SourceSettings settings;
  settings.name = "acme";
  settings.url = sandbox->base_url();
  settings.budget = {kMaxPerMinute, kMaxPerMinute};
  options.sources.push_back(settings);
  options.destinations["warehouse"] = "acme";
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<coordinator::Core> core,
                       coordinator::Core::Open(store::NewMemoryStore("store", 1), SystemClock(),
                                               SystemRandom(), std::move(options)));
  coordinator::AdminDesk admin(*core, "test");
  ASSERT_OK_AND_ASSIGN(const v1::Job job, admin.CreateBackfill(v1::CreateBackfillRequest()));

  const auto new_transport = [](const HttpConfig& http) {
    return worker::NewCurlTransport(http, {}, SystemClock());
  };
  ASSERT_OK_AND_ASSIGN(std::shared_ptr<const worker::Sources> sources,
                       worker::OpenSources(config, new_transport, SystemClock()));
  std::vector<std::unique_ptr<worker::Worker>> workers;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    workers.push_back(std::make_unique<worker::Worker>(config, worker::WorkerOptions{.version = "test"},
                                                       std::make_shared<DirectClient>(*core), sources,
                                                       SystemClock(), SystemRandom()));
    threads.emplace_back([&worker = *workers.back()] { EXPECT_OK(worker.Run()); });
  }
  std::atomic<bool> over = false;
  std::thread people([&] {
    while (!over) {
      EXPECT_OK(admin.GetStatus(v1::GetStatusRequest()));
      EXPECT_OK(admin.GetCoverage(v1::GetCoverageRequest()));
      EXPECT_OK(admin.ListWorkers(v1::ListWorkersRequest()));
      EXPECT_OK(admin.ListWindows(v1::ListWindowsRequest()));
    }
  });

  v1::GetJobRequest get;
  get.set_number(job.number());
  EXPECT_TRUE(Await([&] { return admin.GetJob(get)->state() == v1::JOB_DONE; }));
  EXPECT_TRUE(Await([&] {
    const v1::ListDestinationsResponse list = *admin.ListDestinations(v1::ListDestinationsRequest());
    return list.destinations_size() == 1 && list.destinations(0).behind() == 0 &&
           list.destinations(0).checked() && !list.destinations(0).loading();
  }));
  over = true;
  people.join();
  for (const auto& worker : workers) worker->Drain();
  for (std::thread& thread : threads) thread.join();

  ASSERT_OK(sandbox->SetFaults({}));
  ASSERT_OK_AND_ASSIGN(const v1::CountRowsResponse rows, admin.CountRows(v1::CountRowsRequest()));
  EXPECT_EQ(rows.counts_size(), 5);
  for (const auto& count : rows.counts()) {
    EXPECT_EQ(count.rows(), ReadServed(sandbox->base_url(), FromProto(count.endpoint())).size());
  }
  EXPECT_EQ(admin.GetJob(get)->parked_windows(), 0u);
}

}  // namespace
}  // namespace penstock
