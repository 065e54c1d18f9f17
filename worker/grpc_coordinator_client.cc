// SPDX-License-Identifier: Apache-2.0
#include "worker/grpc_coordinator_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/worker_service.grpc.pb.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

void SetDeadline(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
}

absl::Status Result(const grpc::Status& status) {
  absl::Status result = FromGrpc(status);
  if (absl::IsDeadlineExceeded(result) || absl::IsCancelled(result)) {
    return absl::UnavailableError(absl::StrCat("the coordinator does not answer: ", result.message()));
  }
  return result;
}

class GrpcCoordinatorClient final : public CoordinatorClient {
 public:
  // `connecting`: the channel to await a connection on before each call; null: it is always there.
  GrpcCoordinatorClient(const std::shared_ptr<grpc::Channel>& channel,
                        std::shared_ptr<grpc::Channel> connecting)
      : stub_(v1::WorkerService::NewStub(channel)), connecting_(std::move(connecting)) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request) override {
    return Call<v1::SyncResponse>(&v1::WorkerService::Stub::Sync, request, kCallSlack);
  }
  absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(const v1::AcquirePermitRequest& request) override {
    return Call<v1::AcquirePermitResponse>(&v1::WorkerService::Stub::AcquirePermit, request,
                                           FromProto(request.patience()) + kCallSlack);
  }
  absl::Status ReportPermit(const v1::ReportPermitRequest& request) override {
    return Call<v1::ReportPermitResponse>(&v1::WorkerService::Stub::ReportPermit, request, kCallSlack)
        .status();
  }
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) override {
    return Call<v1::ReleaseWindowResponse>(&v1::WorkerService::Stub::ReleaseWindow, request, kCallSlack)
        .status();
  }
  absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest& request) override {
    return Call<v1::ReportLoadResponse>(&v1::WorkerService::Stub::ReportLoad, request, kCallSlack);
  }

  absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request) override {
    return Call<v1::TakeQueryResponse>(&v1::WorkerService::Stub::TakeQuery, request,
                                       FromProto(request.patience()) + kCallSlack);
  }
  absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::vector<v1::ReportQueryRequest>& messages) override {
    AwaitConnection();
    grpc::ClientContext context;
    SetDeadline(context, kCommitDeadline);
    v1::ReportQueryResponse response;
    const std::unique_ptr<grpc::ClientWriter<v1::ReportQueryRequest>> writer =
        stub_->ReportQuery(&context, &response);
    // A failed Write shows in Finish; one that nobody waits for any more is answered before its end.
    for (const v1::ReportQueryRequest& message : messages) {
      if (!writer->Write(message)) break;
    }
    writer->WritesDone();
    absl::Status status = Result(writer->Finish());
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::CommitPageResponse> CommitPage(const PageToCommit& page,
                                                    const v1::PermitReport& permit) override {
    AwaitConnection();
    grpc::ClientContext context;
    SetDeadline(context, kCommitDeadline);
    v1::CommitPageResponse response;
    std::unique_ptr<grpc::ClientWriter<v1::CommitPageRequest>> writer =
        stub_->CommitPage(&context, &response);
    v1::CommitPageRequest message;
    *message.mutable_header() = page.header;
    *message.mutable_header()->mutable_permit() = permit;
    // A failed Write shows in Finish.
    bool open = writer->Write(message);
    v1::PageRows* rows = message.mutable_rows();
    size_t bytes = 0;
    const auto flush = [&](size_t limit) {
      if (bytes < limit) return;
      open = open && writer->Write(message);
      rows->Clear();
      bytes = 0;
    };
    for (const v1::Row& row : page.rows) {
      *rows->add_rows() = row;
      bytes += row.raw().size() + row.id().size();
      flush(kPageMessageBytes);
    }
    for (const v1::QuarantinedRecord& record : page.quarantined) {
      *rows->add_quarantined() = record;
      bytes += record.raw().size() + 1;
      flush(kPageMessageBytes);
    }
    flush(1);
    writer->WritesDone();
    absl::Status status = Result(writer->Finish());
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest& request) override {
    AwaitConnection();
    grpc::ClientContext context;
    SetDeadline(context, kCommitDeadline);
    std::unique_ptr<grpc::ClientReader<v1::ReadChangesResponse>> reader =
        stub_->ReadChanges(&context, request);
    Changes changes;
    v1::ReadChangesResponse message;
    while (reader->Read(&message)) {
      for (v1::Change& change : *message.mutable_changes()) changes.changes.push_back(std::move(change));
      changes.through = message.through();
      changes.head = message.head();
      changes.epoch = message.epoch();
    }
    absl::Status status = Result(reader->Finish());
    if (!status.ok()) return status;
    return changes;
  }

 private:
  template <typename Response, typename Method, typename Request>
  absl::StatusOr<Response> Call(Method method, const Request& request, absl::Duration timeout) {
    AwaitConnection();
    grpc::ClientContext context;
    SetDeadline(context, timeout);
    Response response;
    absl::Status status = Result((stub_.get()->*method)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // gRPC gets on with a connection while somebody waits for it; else it looks only every 5 s, and calls that
  // fail at once are nobody. After this the call fails with the connection's own error.
  void AwaitConnection() {
    if (connecting_ == nullptr) return;
    connecting_->WaitForConnected(std::chrono::system_clock::now() +
                                  absl::ToChronoMilliseconds(kConnectPatience));
  }

  const std::unique_ptr<v1::WorkerService::Stub> stub_;
  const std::shared_ptr<grpc::Channel> connecting_;
};

}  // namespace

std::unique_ptr<CoordinatorClient> ConnectToCoordinator(
    const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  // A change may be as large as the largest record that the transport lets through.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt("grpc.enable_http_proxy", 0);  // https_proxy is for the source, never for the coordinator
  // gRPC's own patience grows to two minutes, six leases long.
  arguments.SetInt("grpc.initial_reconnect_backoff_ms", 200);
  arguments.SetInt("grpc.max_reconnect_backoff_ms", 2000);
  // A connection whose other end vanished without a goodbye (half-open, one way) is given up and made anew
  // while the leases still run; TCP alone would hold on to it for a quarter of an hour.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(absl::ToInt64Milliseconds(kPingEvery)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(absl::ToInt64Milliseconds(kPingTimeout)));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as it takes
  const auto channel = grpc::CreateCustomChannel(target, credentials, arguments);
  return std::make_unique<GrpcCoordinatorClient>(channel, channel);
}

std::unique_ptr<CoordinatorClient> NewInProcessClient(const std::shared_ptr<grpc::Channel>& channel) {
  return std::make_unique<GrpcCoordinatorClient>(channel, nullptr);
}

}  // namespace penstock::worker
