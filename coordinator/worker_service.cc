// SPDX-License-Identifier: Apache-2.0
#include "coordinator/worker_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/answer.h"
#include "coordinator/limits.h"
#include "coordinator/load_desk.h"
#include "coordinator/worker_desk.h"
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
  explicit WorkerShell(Core& core) : core_(core), desk_(core) {}

  grpc::Status Sync(grpc::ServerContext*, const v1::SyncRequest* request,
                    v1::SyncResponse* response) override {
    return Answer(desk_.Sync(*request), response);
  }
  grpc::Status AcquirePermit(grpc::ServerContext*, const v1::AcquirePermitRequest* request,
                             v1::AcquirePermitResponse* response) override {
    return Answer(desk_.AcquirePermit(*request), response);
  }
  grpc::Status ReportPermit(grpc::ServerContext*, const v1::ReportPermitRequest* request,
                            v1::ReportPermitResponse*) override {
    return ToGrpc(desk_.ReportPermit(*request));
  }
  grpc::Status CommitPage(grpc::ServerContext*, grpc::ServerReader<v1::CommitPageRequest>* reader,
                          v1::CommitPageResponse* response) override {
    absl::StatusOr<PageStream> page = ReadPage(*reader);
    if (!page.ok()) return ToGrpc(page.status());
    return Answer(desk_.CommitPage(page->header, std::move(page->rows), std::move(page->quarantined)),
                  response);
  }
  grpc::Status ReleaseWindow(grpc::ServerContext*, const v1::ReleaseWindowRequest* request,
                             v1::ReleaseWindowResponse*) override {
    return ToGrpc(desk_.ReleaseWindow(*request));
  }
  grpc::Status ReadChanges(grpc::ServerContext*, const v1::ReadChangesRequest* request,
                           grpc::ServerWriter<v1::ReadChangesResponse>* writer) override {
    return ToGrpc(coordinator::ReadChanges(
        core_, *request, [&](const v1::ReadChangesResponse& message) { return writer->Write(message); }));
  }
  grpc::Status ReportLoad(grpc::ServerContext*, const v1::ReportLoadRequest* request,
                          v1::ReportLoadResponse* response) override {
    return Answer(coordinator::ReportLoad(core_, *request), response);
  }

 private:
  Core& core_;
  WorkerDesk desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewWorkerService(Core& core) { return std::make_unique<WorkerShell>(core); }

}  // namespace penstock::coordinator
