// SPDX-License-Identifier: Apache-2.0
#include "tests/coordinator/coordinator_fixture.h"

#include "base/keyed_hash.h"
#include "base/status_macros.h"

namespace penstock::coordinator {

CoordinatorFixture::CoordinatorFixture() { Start(); }

CoordinatorFixture::~CoordinatorFixture() {
  KeptStore::refuse_commits = absl::OkStatus();
  KeptStore::during_commit = nullptr;
  KeptStore::after_read = nullptr;
}

CoreOptions CoordinatorFixture::Options() {
  CoreOptions options;
  SourceSettings source;
  source.name = kSource;
  source.url = "https://api.example.com/export/v1/records";
  options.sources.push_back(source);
  options.destinations["warehouse"] = kSource;
  options.forget_key = std::string(kHashKeyBytes, 'k');
  return options;
}

void CoordinatorFixture::Start(CoreOptions options) {
  workers_.reset();
  admin_.reset();
  core_.reset();
  absl::StatusOr<std::unique_ptr<Core>> core =
      Core::Open(std::make_unique<KeptStore>(store_, ++epoch_), clock_, random_, std::move(options));
  ASSERT_OK(core);
  core_ = *std::move(core);
  workers_ = std::make_unique<WorkerDesk>(*core_);
  admin_ = std::make_unique<AdminDesk>(*core_, "test");
}

v1::Job CoordinatorFixture::Backfill(std::vector<Endpoint> endpoints, bool reuse,
                                     std::optional<uint64_t> counted) {
  v1::CreateBackfillRequest request;
  request.set_source(kSource);
  for (Endpoint endpoint : endpoints) request.add_endpoints(ToProto(endpoint));
  request.set_reuse_unfinished(reuse);
  absl::StatusOr<v1::Job> job = admin_->CreateBackfill(request);
  EXPECT_OK(job);
  AnswerCounts(counted);
  return job.value_or(v1::Job());
}

void CoordinatorFixture::AnswerCounts(std::optional<uint64_t> counted) {
  for (const v1::FetchAssignment& lease : Lease("counter")) {
    if (lease.kind() == v1::COUNT) {
      EXPECT_OK(CommitCount(lease, counted));
    } else {
      EXPECT_OK(Release(lease, v1::ReleaseWindowRequest::RETURNED));
    }
  }
  core_->workers().erase("counter");
}

absl::StatusOr<v1::CommitPageResponse> CoordinatorFixture::CommitCount(const v1::FetchAssignment& lease,
                                                                       std::optional<uint64_t> counted) {
  v1::PageHeader header = Header(lease, 0, "");
  if (counted.has_value()) header.set_chain_records(*counted);
  return workers_->CommitPage(header, {}, {});
}

v1::SyncRequest CoordinatorFixture::SyncRequest(const std::string& worker,
                                                std::vector<v1::FetchAssignment> held) {
  v1::SyncRequest request;
  request.set_worker_id(worker);
  request.set_protocol(1);
  request.set_fetch_capacity(100);
  request.set_load_capacity(1);
  v1::SourceCredentials& credentials = *request.add_sources();
  credentials.set_source(kSource);
  credentials.set_generation(worker);
  for (const v1::FetchAssignment& assignment : held)
    *request.add_held()->mutable_token() = assignment.token();
  return request;
}

std::vector<v1::FetchAssignment> CoordinatorFixture::Lease(const std::string& worker,
                                                           std::vector<v1::FetchAssignment> held) {
  absl::StatusOr<v1::SyncResponse> response = workers_->Sync(SyncRequest(worker, held));
  EXPECT_OK(response);
  if (!response.ok()) return {};
  return {response->fetch().begin(), response->fetch().end()};
}

absl::StatusOr<v1::AcquirePermitResponse> CoordinatorFixture::AskPermit(const v1::FetchAssignment& lease,
                                                                        const std::string& request_id) {
  v1::AcquirePermitRequest request;
  request.set_request_id(request_id);
  *request.mutable_token() = lease.token();
  request.set_window(lease.window());
  return workers_->AcquirePermit(request);
}

v1::Row CoordinatorFixture::Row(const std::string& id, const std::string& stamp, const std::string& extra) {
  v1::Row row;
  row.set_id(id);
  row.set_raw("{\"id\":\"" + id + "\",\"last_updated_time\":\"" + stamp + "\"" + extra + "}");
  *row.mutable_last_updated_time() = ToProto(*ParseStamp(stamp));
  *row.mutable_created_time() = ToProto(*ParseStamp("2026-02-20T10:00:00.000Z"));
  return row;
}

v1::PageHeader CoordinatorFixture::Header(const v1::FetchAssignment& lease, uint32_t page,
                                          const std::string& next_link) {
  v1::PageHeader header;
  *header.mutable_token() = lease.token();
  header.set_window(lease.window());
  header.set_chain(lease.chain());
  header.set_page(page);
  header.set_next_link(next_link);
  header.mutable_permit()->set_number(++permits_);
  header.mutable_permit()->set_fate(v1::ANSWERED);
  header.mutable_permit()->set_http_status(200);
  *header.mutable_permit()->mutable_server_date() = ToProto(clock_.Now().wall);
  return header;
}

absl::StatusOr<v1::CommitPageResponse> CoordinatorFixture::CommitPage(const v1::FetchAssignment& lease,
                                                                      uint32_t page,
                                                                      const std::string& next_link,
                                                                      std::vector<v1::Row> rows) {
  return workers_->CommitPage(Header(lease, page, next_link), std::move(rows), {});
}

absl::Status CoordinatorFixture::Release(const v1::FetchAssignment& lease,
                                         v1::ReleaseWindowRequest::Reason reason) {
  v1::ReleaseWindowRequest request;
  *request.mutable_token() = lease.token();
  request.set_window(lease.window());
  request.set_reason(reason);
  request.set_detail("because of the test");
  return workers_->ReleaseWindow(request);
}

absl::StatusOr<v1::Job> CoordinatorFixture::Control(const v1::Job& job,
                                                    v1::ControlJobRequest::Action action) {
  v1::ControlJobRequest request;
  request.set_number(job.number());
  request.set_action(action);
  return admin_->ControlJob(request);
}

v1::Window CoordinatorFixture::Window(uint64_t number) {
  v1::GetWindowRequest request;
  request.set_number(number);
  return *admin_->GetWindow(request);
}

v1::Job CoordinatorFixture::Job(const v1::Job& job) {
  v1::GetJobRequest request;
  request.set_number(job.number());
  return *admin_->GetJob(request);
}

void CoordinatorFixture::FinishAll(const std::string& worker) {
  for (std::vector<v1::FetchAssignment> leases = Lease(worker); !leases.empty(); leases = Lease(worker)) {
    for (const v1::FetchAssignment& lease : leases) ASSERT_OK(CommitPage(lease, lease.page(), ""));
  }
}

}  // namespace penstock::coordinator
