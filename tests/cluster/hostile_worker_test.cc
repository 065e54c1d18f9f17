// SPDX-License-Identifier: Apache-2.0
// What a worker may do to a coordinator over the wire.
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/open_files.h"
#include "proto/grpc_status.h"
#include "proto/worker_service.grpc.pb.h"
#include "tests/cluster/cluster_fixture.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

class HostileStream : public ClusterTest {
 protected:
  void SetUp() override {
    source().url = "https://api.example.com/export/v1/records";
    StartCoordinator();
    Backfill({Endpoint::kConversations});
    worker_ = NewWorker();
    lease_ = Sync(*worker_, "a")->fetch(0);
    ASSERT_OK(Commit({Header(0)}));  // a job begins with a count
    lease_ = Sync(*worker_, "a")->fetch(0);
  }

  // Each on a connection of its own.
  std::unique_ptr<v1::WorkerService::Stub> NewWorker() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return v1::WorkerService::NewStub(
        grpc::CreateCustomChannel(absl::StrCat("unix:", config.state, "/penstock.sock"),
                                  grpc::InsecureChannelCredentials(), arguments));
  }
  absl::StatusOr<v1::SyncResponse> Sync(v1::WorkerService::Stub& stub, const std::string& worker) {
    v1::SyncRequest request;
    request.set_worker_id(worker);
    request.set_protocol(1);
    request.set_fetch_capacity(1);
    request.add_sources()->set_source("acme");
    grpc::ClientContext context;
    v1::SyncResponse response;
    const absl::Status status = FromGrpc(stub.Sync(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }
  v1::CommitPageRequest Header(uint32_t rows) {
    v1::CommitPageRequest message;
    v1::PageHeader& header = *message.mutable_header();
    *header.mutable_token() = lease_.token();
    header.set_window(lease_.window());
    header.set_row_count(rows);
    return message;
  }
  static v1::CommitPageRequest Rows(int count, size_t bytes) {
    v1::CommitPageRequest message;
    for (int i = 0; i < count; ++i) {
      v1::Row& row = *message.mutable_rows()->add_rows();
      row.set_id(absl::StrCat("r", i));
      row.set_raw(absl::StrCat(R"({"id":"r)", i, R"(","x":")", std::string(bytes, 'x'), "\"}"));
    }
    return message;
  }
  absl::Status Commit(const std::vector<v1::CommitPageRequest>& messages) {
    grpc::ClientContext context;
    v1::CommitPageResponse response;
    const auto writer = worker_->CommitPage(&context, &response);
    for (const v1::CommitPageRequest& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    return FromGrpc(writer->Finish());
  }

  std::unique_ptr<v1::WorkerService::Stub> worker_;
  v1::FetchAssignment lease_;
};

TEST_F(HostileStream, APageThatDoesNotKeepItsFormIsRefusedAndNothingIsStored) {
  const auto refused = [](const std::string& why) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why));
  };
  EXPECT_THAT(Commit({Rows(1, 1)}), refused("begins with its header"));
  EXPECT_THAT(Commit({Header(1), Header(1)}), refused("one header"));
  EXPECT_THAT(Commit({Header(2), Rows(1, 1)}), refused("announces 2 rows"));
  EXPECT_THAT(Commit({Header(1), Rows(2, 1)}), refused("announces 1 rows"));
  EXPECT_THAT(Commit({Header(4'000'000'000)}), refused("at most 200000 records"));
  v1::CommitPageRequest nameless = Rows(1, 1);
  nameless.mutable_rows()->mutable_rows(0)->clear_id();
  EXPECT_THAT(Commit({Header(1), nameless}), refused("without an id"));
  EXPECT_TRUE(Stored(Endpoint::kConversations).empty());
}

TEST_F(HostileStream, AMessageOrAPageThatIsTooLargeIsRefusedAndTheCoordinatorGoesOn) {
  EXPECT_THAT(Commit({Header(1), Rows(1, size_t{73} << 20)}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("larger than max")));
  const v1::CommitPageRequest ten_megabytes = Rows(1, size_t{10} << 20);
  std::vector<v1::CommitPageRequest> endless = {Header(1000)};
  endless.insert(endless.end(), 20, ten_megabytes);
  EXPECT_THAT(Commit(endless),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 100663296 bytes")));
  EXPECT_TRUE(Stored(Endpoint::kConversations).empty());
  EXPECT_OK(Commit({Header(2), Rows(2, 100)}));
  EXPECT_EQ(Stored(Endpoint::kConversations).size(), 2u);
}

// Resident memory of this process, the thousand clients included.
size_t ResidentMebibytes() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

TEST_F(HostileStream, AThousandWorkersConnectAndEachIsAnswered) {
  RaiseOpenFilesLimit();
  const size_t before = ResidentMebibytes();
  constexpr int kThreads = 20;
  std::vector<std::unique_ptr<v1::WorkerService::Stub>> workers;
  for (int i = 0; i < 1000; ++i) workers.push_back(NewWorker());
  std::atomic<int> leases = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = thread; i < workers.size(); i += kThreads) {
        const absl::StatusOr<v1::SyncResponse> response = Sync(*workers[i], absl::StrCat("w", i));
        EXPECT_OK(response);
        if (response.ok()) leases += response->fetch_size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(static_cast<size_t>(leases) + 1, Windows(v1::WINDOW_LEASED).size());
  EXPECT_LT(ResidentMebibytes() - before, 400u);
  std::printf("1000 workers connected: %zu MiB more, clients included\n", ResidentMebibytes() - before);
}

}  // namespace
}  // namespace penstock
