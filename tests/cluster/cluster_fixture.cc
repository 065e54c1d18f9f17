// SPDX-License-Identifier: Apache-2.0
#include "tests/cluster/cluster_fixture.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "tests/cluster/expected_cells.h"
#include "worker/curl_transport.h"
#include "worker/grpc_coordinator_client.h"

namespace penstock {
namespace {

using ::testing::IsEmpty;

// Call(stub, &Stub::GetJob, request): the answer; anything but OK fails the test.
template <typename Request, typename Response>
Response Call(v1::AdminService::Stub& stub,
              grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
  grpc::ClientContext context;
  Response response;
  EXPECT_OK(FromGrpc((stub.*method)(&context, request, &response)));
  return response;
}

}  // namespace

ClusterTest::ClusterTest() {
  serve.synthetic = sandbox::SyntheticOptions{.days = 7, .users = 130, .conversations = 20, .seed = 7};
  serve.now = absl::FromUnixSeconds(absl::ToUnixSeconds(SystemClock().Now().wall));
  serve.page_size = 50;
  serve.per_minute = 0;
  config.state = File("state");
  source().name = "acme";
  source().budget = {kMaxPerMinute, kMaxPerMinute};
  config.destinations["warehouse"] = {.name = "warehouse", .source = "acme", .path = File("warehouse.db")};
}

ClusterTest::~ClusterTest() {
  for (size_t i = 0; i < workers_.size(); ++i) DrainWorker(i);
  StopCoordinator();
}

void ClusterTest::StartSandbox() {
  ASSERT_OK_AND_ASSIGN(sandbox_, sandbox::SandboxServer::Start(serve));
  source().url = sandbox_->base_url();
  serve.port = std::stoi(sandbox_->origin().substr(sandbox_->origin().rfind(':') + 1));
}

void ClusterTest::StopSandbox() { sandbox_.reset(); }

void ClusterTest::StartCoordinator() {
  coordinator::ServerOptions options;
  options.state = config.state;
  options.version = "test";
  ASSERT_OK_AND_ASSIGN(coordinator_, coordinator::Server::Start(config, options, clock, SystemRandom()));
  admin_ = v1::AdminService::NewStub(coordinator_->InProcessChannel());
}

void ClusterTest::StopCoordinator() {
  admin_.reset();
  coordinator_.reset();
}

size_t ClusterTest::StartWorker() {
  const std::string address = coordinator_address.empty()
                                  ? absl::StrCat("unix:", config.state, "/penstock.sock")
                                  : coordinator_address;
  RunningWorker running;
  auto sources = worker::OpenSources(
      config, [this](const HttpConfig& http) { return worker::NewCurlTransport(http, {}, clock); }, clock);
  CHECK(sources.ok());
  running.worker = std::make_unique<worker::Worker>(
      config, worker::WorkerOptions{.version = "test", .fetch_capacity = 4},
      worker::ConnectToCoordinator(address), *sources, clock, SystemRandom());
  running.thread =
      std::thread([worker = running.worker.get(), end = running.end.get()] { *end = worker->Run(); });
  workers_.push_back(std::move(running));
  return workers_.size() - 1;
}

void ClusterTest::DrainWorker(size_t index) {
  if (workers_[index].worker == nullptr) return;
  workers_[index].worker->Drain();
  EXPECT_OK(EndOfWorker(index));
}

absl::Status ClusterTest::EndOfWorker(size_t index) {
  workers_[index].thread.join();
  workers_[index].worker.reset();
  return *workers_[index].end;
}

uint64_t ClusterTest::Backfill(const std::vector<Endpoint>& endpoints) {
  v1::CreateBackfillRequest request;
  for (Endpoint endpoint : endpoints) request.add_endpoints(ToProto(endpoint));
  return Call(*admin_, &v1::AdminService::Stub::CreateBackfill, request).number();
}

uint64_t ClusterTest::SyncNow() {
  return Call(*admin_, &v1::AdminService::Stub::CreateSync, v1::CreateSyncRequest()).number();
}

v1::Job ClusterTest::Job(uint64_t number) {
  v1::GetJobRequest request;
  request.set_number(number);
  return Call(*admin_, &v1::AdminService::Stub::GetJob, request);
}

v1::SourceStatus ClusterTest::Status() {
  const v1::GetStatusResponse response =
      Call(*admin_, &v1::AdminService::Stub::GetStatus, v1::GetStatusRequest());
  return response.sources_size() == 0 ? v1::SourceStatus() : response.sources(0);
}

std::vector<v1::Window> ClusterTest::Windows(v1::WindowState state) {
  v1::ListWindowsRequest request;
  request.add_states(state);
  const v1::ListWindowsResponse response = Call(*admin_, &v1::AdminService::Stub::ListWindows, request);
  return {response.windows().begin(), response.windows().end()};
}

void ClusterTest::Control(uint64_t job, v1::ControlJobRequest::Action action) {
  v1::ControlJobRequest request;
  request.set_number(job);
  request.set_action(action);
  Call(*admin_, &v1::AdminService::Stub::ControlJob, request);
}

void ClusterTest::Resync(const std::string& destination) {
  v1::DestinationRequest request;
  request.set_name(destination);
  Call(*admin_, &v1::AdminService::Stub::ResyncDestination, request);
}

v1::Erasure ClusterTest::Forget(const std::string& user) {
  v1::FindPersonRequest who;
  who.set_user(user);
  const v1::Person person = Call(*admin_, &v1::AdminService::Stub::FindPerson, who);
  v1::ForgetRequest request;
  *request.mutable_users() = person.users();
  *request.mutable_addresses() = person.addresses();
  return Call(*admin_, &v1::AdminService::Stub::Forget, request);
}

v1::Erasure ClusterTest::AwaitErasure(uint64_t number,
                                      const std::function<bool(const v1::Erasure&)>& condition) {
  v1::GetErasureRequest request;
  request.set_number(number);
  v1::Erasure erasure;
  EXPECT_TRUE(Await([&] {
    EXPECT_OK(coordinator_->Tick());
    erasure = Call(*admin_, &v1::AdminService::Stub::GetErasure, request);
    return condition(erasure);
  })) << erasure.DebugString();
  return erasure;
}

v1::BackupRun ClusterTest::BackUp() {
  v1::BackupRun run = Call(*admin_, &v1::AdminService::Stub::CreateBackup, v1::CreateBackupRequest());
  EXPECT_TRUE(Await([&] {
    EXPECT_OK(coordinator_->Tick());
    run = Call(*admin_, &v1::AdminService::Stub::ListBackups, v1::ListBackupsRequest()).last();
    return run.state() != v1::BackupRun::RUNNING;
  }));
  return run;
}

std::map<std::string, v1::Verification> ClusterTest::Verify(const std::vector<std::string>& destinations) {
  std::map<std::string, v1::Verification> found;
  v1::DestinationRequest request;
  for (const std::string& destination : destinations) {
    request.set_name(destination);
    found[destination] = Call(*admin_, &v1::AdminService::Stub::VerifyDestination, request);
  }
  for (auto& [destination, verification] : found) {
    request.set_name(destination);
    EXPECT_TRUE(Await([&, &verification = verification] {
      verification = Call(*admin_, &v1::AdminService::Stub::GetVerification, request);
      return verification.state() == v1::Verification::DONE ||
             verification.state() == v1::Verification::FAILED;
    })) << verification.DebugString();
  }
  return found;
}

void ClusterTest::AwaitThat(const std::string& what,
                            const std::function<bool(const v1::SourceStatus&)>& condition) {
  v1::SourceStatus status;
  const bool came = Await([&] {
    status = Status();
    return condition(status);
  });
  ASSERT_TRUE(came) << "not within a minute: " << what << "\n" << status.DebugString();
}

v1::Job ClusterTest::AwaitJob(uint64_t number) {
  AwaitThat("the job is done", [&](const auto&) { return Job(number).state() == v1::JOB_DONE; });
  return Job(number);
}

void ClusterTest::AwaitLoaded() {
  AwaitThat("everything is loaded", [](const v1::SourceStatus& status) {
    for (const v1::Destination& destination : status.destinations()) {
      if (destination.behind() > 0 || !destination.checked() || destination.loading()) return false;
    }
    return true;
  });
}

v1::Job ClusterTest::RunToTheEnd() {
  StartSandbox();
  StartCoordinator();
  const uint64_t number = Backfill();
  StartWorker();
  v1::Job job = AwaitJob(number);
  AwaitLoaded();
  return job;
}

absl::StatusOr<std::vector<v1::QueryAnswer>> ClusterTest::Ask(const v1::Query& query) {
  v1::RunQueryRequest request;
  *request.mutable_query() = query;
  grpc::ClientContext context;
  const auto reader = admin_->RunQuery(&context, request);
  std::vector<v1::QueryAnswer> pieces(1);
  while (reader->Read(&pieces.back())) pieces.emplace_back();
  pieces.pop_back();
  RETURN_IF_ERROR(FromGrpc(reader->Finish()));
  return pieces;
}

Records ClusterTest::Stored(Endpoint endpoint) {
  v1::ExportRowsRequest request;
  request.set_endpoint(ToProto(endpoint));
  grpc::ClientContext context;
  const auto reader = admin_->ExportRows(&context, request);
  Records records;
  v1::ExportRowsResponse response;
  while (reader->Read(&response)) {
    for (const v1::Row& row : response.rows()) {
      EXPECT_TRUE(records.emplace(row.id(), row.raw()).second) << "exported twice: " << row.id();
    }
  }
  EXPECT_OK(FromGrpc(reader->Finish()));
  return records;
}

std::vector<v1::QuarantineEntry> ClusterTest::Quarantine() {
  const v1::ListQuarantineResponse response =
      Call(*admin_, &v1::AdminService::Stub::ListQuarantine, v1::ListQuarantineRequest());
  return {response.entries().begin(), response.entries().end()};
}

Records ClusterTest::Truth(Endpoint endpoint) {
  if (truth_ == nullptr) {
    sandbox::SandboxOptions options = serve;
    options.port = 0;
    options.per_minute = 0;
    options.door = {};
    options.faults.clear();
    options.first_byte = options.body_time = absl::ZeroDuration();
    absl::StatusOr<std::unique_ptr<sandbox::SandboxServer>> truth = sandbox::SandboxServer::Start(options);
    CHECK(truth.ok());
    truth_ = *std::move(truth);
  }
  return ReadServed(truth_->base_url(), endpoint);
}

void ClusterTest::ExpectExact(const std::vector<Endpoint>& endpoints) {
  for (Endpoint endpoint : endpoints) {
    SCOPED_TRACE(std::string(Name(endpoint)));
    const Records truth = Truth(endpoint);
    EXPECT_FALSE(truth.empty());
    EXPECT_THAT(Differences(MinifiedAll(Stored(endpoint)), truth), IsEmpty());
    ExpectSqliteEqualsStore(endpoint);
  }
}

void ClusterTest::ExpectExact() { ExpectExact({kAllEndpoints.begin(), kAllEndpoints.end()}); }

void ClusterTest::ExpectSqliteEqualsStore(Endpoint endpoint) {
  const destinations::Table& table = destinations::GuideTable(endpoint);
  const Cells expected = ExpectedCells(table, Stored(endpoint));
  const Cells got = SqliteCells(warehouse(), table);
  EXPECT_EQ(got.size(), expected.size());
  for (const auto& [id, row] : expected) {
    const auto found = got.find(id);
    ASSERT_NE(found, got.end()) << id;
    ASSERT_EQ(found->second, row);
  }
}

std::vector<std::vector<std::string>> ClusterTest::Dump() {
  std::vector<std::vector<std::string>> dump =
      destinations::QuerySql(warehouse(), "SELECT * FROM PENSTOCK_LOADS");
  for (Endpoint endpoint : kAllEndpoints) {
    const std::string& table = destinations::GuideTable(endpoint).name;
    for (auto& row :
         destinations::QuerySql(warehouse(), absl::StrCat("SELECT * FROM ", table, " ORDER BY 1"))) {
      dump.push_back(std::move(row));
    }
  }
  return dump;
}

void ClusterTest::WriteSecret(const std::string& path, const std::string& text) {
  // Written beside and moved there: a worker never reads half of it.
  const std::string draft = path + ".new";
  std::ofstream(draft) << text << "\n";
  CHECK(chmod(draft.c_str(), 0600) == 0);
  std::filesystem::rename(draft, path);
}

}  // namespace penstock
