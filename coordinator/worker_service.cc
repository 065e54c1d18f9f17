// SPDX-License-Identifier: Apache-2.0
#include "coordinator/worker_service.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/access_guard.h"
#include "coordinator/answer.h"
#include "coordinator/limits.h"
#include "coordinator/load_desk.h"
#include "coordinator/query_desk.h"
#include "coordinator/worker_desk.h"
#include "coordinator/worker_scope.h"
#include "proto/grpc_status.h"
#include "proto/worker_service.grpc.pb.h"

namespace penstock::coordinator {
namespace {

// A page as its messages bring it.
struct PageStream {
  v1::PageHeader header;
  std::vector<v1::Row> rows;
  std::vector<v1::QuarantinedRecord> quarantined;
};

absl::StatusOr<PageStream> ReadPage(grpc::ServerReader<v1::CommitPageRequest>& reader) {
  PageStream page;
  v1::CommitPageRequest message;
  if (!reader.Read(&message) || !message.has_header()) {
    return absl::InvalidArgumentError("a page begins with its header");
  }
  page.header = std::move(*message.mutable_header());
  if (page.header.row_count() > kPageRecordsMax || page.header.quarantined_count() > kPageRecordsMax) {
    return absl::InvalidArgumentError(absl::StrCat("a page may have at most ", kPageRecordsMax, " records"));
  }
  size_t bytes = 0;
  while (reader.Read(&message)) {
    bytes += message.ByteSizeLong();
    if (bytes > kPageBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("a page may have at most ", kPageBytesMax, " bytes"));
    }
    if (!message.has_rows()) return absl::InvalidArgumentError("a page has one header");
    for (v1::Row& row : *message.mutable_rows()->mutable_rows()) page.rows.push_back(std::move(row));
    for (v1::QuarantinedRecord& record : *message.mutable_rows()->mutable_quarantined()) {
      page.quarantined.push_back(std::move(record));
    }
    if (page.rows.size() > page.header.row_count() ||
        page.quarantined.size() > page.header.quarantined_count())
      break;
  }
  // A stream that was cut must never pass for a smaller page.
  if (page.rows.size() != page.header.row_count() ||
      page.quarantined.size() != page.header.quarantined_count()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header announces ", page.header.row_count(), " rows and ", page.header.quarantined_count(),
        " quarantined records, the stream has ", page.rows.size(), " and ", page.quarantined.size()));
  }
  for (const v1::Row& row : page.rows) {
    if (row.id().empty()) return absl::InvalidArgumentError("a row without an id");
  }
  return page;
}

class WorkerShell final : public v1::WorkerService::Service {
 public:
  WorkerShell(Core& core, const Access* access) : core_(core), access_(access), desk_(core), queries_(core) {}

  grpc::Status Sync(grpc::ServerContext* context, const v1::SyncRequest* request,
                    v1::SyncResponse* response) override {
    const Caller caller = CallOf(*context);
    const absl::StatusOr<v1::SyncRequest> within = WithinScope(core_.options(), caller, *request);
    if (!within.ok()) return ToGrpc(within.status());
    return Answer(desk_.Sync(*within, caller.name), response);
  }
  grpc::Status AcquirePermit(grpc::ServerContext* context, const v1::AcquirePermitRequest* request,
                             v1::AcquirePermitResponse* response) override {
    return OfLease(*context, request->token(),
                   [&] { return Answer(desk_.AcquirePermit(*request), response); });
  }
  grpc::Status ReportPermit(grpc::ServerContext* context, const v1::ReportPermitRequest* request,
                            v1::ReportPermitResponse*) override {
    if (absl::Status scope = CheckSource(CallOf(*context), request->source()); !scope.ok())
      return ToGrpc(scope);
    return ToGrpc(desk_.ReportPermit(*request));
  }
  grpc::Status CommitPage(grpc::ServerContext* context, grpc::ServerReader<v1::CommitPageRequest>* reader,
                          v1::CommitPageResponse* response) override {
    absl::StatusOr<PageStream> page = ReadPage(*reader);
    if (!page.ok()) return ToGrpc(page.status());
    return OfLease(*context, page->header.token(), [&] {
      return Answer(desk_.CommitPage(page->header, std::move(page->rows), std::move(page->quarantined)),
                    response);
    });
  }
  grpc::Status ReleaseWindow(grpc::ServerContext* context, const v1::ReleaseWindowRequest* request,
                             v1::ReleaseWindowResponse*) override {
    return OfLease(*context, request->token(), [&] { return ToGrpc(desk_.ReleaseWindow(*request)); });
  }
  grpc::Status ReadChanges(grpc::ServerContext* context, const v1::ReadChangesRequest* request,
                           grpc::ServerWriter<v1::ReadChangesResponse>* writer) override {
    return OfLease(*context, request->token(), [&] {
      return ToGrpc(coordinator::ReadChanges(
          core_, *request, [&](const v1::ReadChangesResponse& message) { return writer->Write(message); }));
    });
  }
  grpc::Status ReportLoad(grpc::ServerContext* context, const v1::ReportLoadRequest* request,
                          v1::ReportLoadResponse* response) override {
    return OfLease(*context, request->token(),
                   [&] { return Answer(coordinator::ReportLoad(core_, *request), response); });
  }
  grpc::Status TakeQuery(grpc::ServerContext* context, const v1::TakeQueryRequest* request,
                         v1::TakeQueryResponse* response) override {
    const absl::StatusOr<v1::TakeQueryRequest> within = WithinScope(core_, CallOf(*context), *request);
    if (!within.ok()) return ToGrpc(within.status());
    return Answer(queries_.TakeQuery(*within), response);
  }
  grpc::Status ReportQuery(grpc::ServerContext* context, grpc::ServerReader<v1::ReportQueryRequest>* reader,
                           v1::ReportQueryResponse* response) override {
    v1::ReportQueryRequest first;
    bool unread = reader->Read(&first);
    const absl::Status scope = CheckQuery(core_, CallOf(*context), first.token());
    if (!scope.ok()) return ToGrpc(scope);
    return Answer(queries_.ReportQuery([&](v1::ReportQueryRequest* message) {
      if (!std::exchange(unread, false)) return reader->Read(message);
      message->Swap(&first);
      return true;
    }),
                  response);
  }

 private:
  Caller CallOf(const grpc::ServerContext& context) const {
    return CallerOf(access_, context.auth_context().get());
  }

  // `work`, unless the lease is of a source that the caller is not for.
  grpc::Status OfLease(const grpc::ServerContext& context, const v1::LeaseToken& token,
                       const std::function<grpc::Status()>& work) {
    const absl::Status scope = CheckLease(core_, CallOf(context), token);
    return scope.ok() ? work() : ToGrpc(scope);
  }

  Core& core_;
  const Access* const access_;
  WorkerDesk desk_;
  QueryDesk queries_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewWorkerService(Core& core, const Access* access) {
  return std::make_unique<WorkerShell>(core, access);
}

}  // namespace penstock::coordinator
