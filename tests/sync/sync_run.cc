// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/sync_run.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/memory_store.h"
#include "tests/fakes/kept_store.h"

namespace penstock {
namespace {

using simulation::Tenant;

constexpr size_t kPage = 100;
constexpr char kWorker[] = "worker";
const absl::Duration kLatency = absl::Milliseconds(300);

bool Within(absl::Time time, bool has_from, const google::protobuf::Timestamp& from, bool has_to,
            const google::protobuf::Timestamp& to) {
  return (!has_from || time >= FromProto(from)) && (!has_to || time < FromProto(to));
}

bool Matches(const Tenant::Row& row, const v1::FetchAssignment& lease) {
  const absl::Time time = lease.axis() == v1::CREATED_TIME ? row.created : row.newest().stamp;
  return Within(time, lease.has_from(), lease.from(), lease.has_to(), lease.to()) &&
         (!lease.has_created_from() || row.created >= FromProto(lease.created_from()));
}

}  // namespace

SyncRun::SyncRun(Inability unable) : unable_(unable), store_(store::NewMemoryStore("store", 1)) { Restart(); }

void SyncRun::Restart() {
  desk_.reset();
  admin_.reset();
  core_.reset();
  coordinator::CoreOptions options;
  coordinator::SourceSettings source;
  source.name = "acme";
  source.url = "https://api.example.com/export/v1/records";
  source.sync = coordinator::SyncSettings{*Schedule::Parse("0 7 * * *", "Europe/Berlin")};
  options.sources.push_back(source);
  absl::StatusOr<std::unique_ptr<coordinator::Core>> core = coordinator::Core::Open(
      std::make_unique<KeptStore>(store_, static_cast<uint64_t>(absl::ToUnixSeconds(Now()))), clock_, random_,
      options);
  CHECK(core.ok());
  core_ = *std::move(core);
  desk_ = std::make_unique<coordinator::WorkerDesk>(*core_);
  admin_ = std::make_unique<coordinator::AdminDesk>(*core_, "test");
}

v1::Job SyncRun::LastJob() {
  const v1::ListJobsResponse jobs = *admin_->ListJobs({});
  return *jobs.jobs().rbegin();
}

v1::SyncResponse SyncRun::Sync(const v1::FetchAssignment* held) {
  v1::SyncRequest request;
  request.set_worker_id(kWorker);
  request.set_protocol(1);
  request.set_fetch_capacity(1);
  v1::SourceCredentials& credentials = *request.add_sources();
  credentials.set_source("acme");
  credentials.set_generation(kWorker);
  if (held != nullptr) *request.add_held()->mutable_token() = held->token();
  const absl::StatusOr<v1::SyncResponse> response = desk_->Sync(request);
  CHECK(response.ok());
  return *response;
}

void SyncRun::Work(bool source_is_away) {
  while (true) {
    const v1::SyncResponse response = Sync(nullptr);
    if (response.fetch_size() == 0) return;
    if (source_is_away) return Release(response.fetch(0), v1::ReleaseWindowRequest::RETURNED);
    ReadChain(response.fetch(0));
  }
}

void SyncRun::Release(const v1::FetchAssignment& lease, v1::ReleaseWindowRequest::Reason reason) {
  v1::ReleaseWindowRequest release;
  *release.mutable_token() = lease.token();
  release.set_window(lease.window());
  release.set_reason(reason);
  release.set_detail("the source answered 400");
  CHECK(desk_->ReleaseWindow(release).ok());
}

uint64_t SyncRun::AwaitPermit(const v1::FetchAssignment& lease) {
  v1::AcquirePermitRequest request;
  request.set_request_id(absl::StrCat("call-", ++calls_));
  *request.mutable_token() = lease.token();
  request.set_window(lease.window());
  *request.mutable_patience() = ToProto(absl::Seconds(10));
  const coordinator::WorkerDesk::PermitCall call =
      *coordinator::WorkerDesk::OpenPermitCall(request, clock_.Now());
  while (true) {
    absl::StatusOr<coordinator::WorkerDesk::PermitLook> look = [&] {
      const coordinator::Core::Turn turn = core_->Enter();
      return desk_->LookForPermit(turn, call);
    }();
    CHECK(look.ok());
    if (const auto* again = std::get_if<coordinator::WorkerDesk::LookAgain>(&*look)) {
      clock_.Advance(again->at - Boot());
      continue;
    }
    const auto& answer = std::get<v1::AcquirePermitResponse>(*look);
    if (!answer.has_wait()) return answer.permit().number();
    Sync(&lease);
    return AwaitPermit(lease);
  }
}

bool SyncRun::Refuses(const v1::FetchAssignment& lease) const {
  if (!lease.next_link().empty()) return false;
  const bool filtered = lease.has_from() || lease.has_to() || lease.has_created_from();
  const bool counted = lease.kind() == v1::COUNT || !lease.no_count();
  return (unable_.counts && counted) || (unable_.filters && filtered);
}

uint64_t SyncRun::Count(const v1::FetchAssignment& lease) const {
  uint64_t records = 0;
  tenant_.Descend(FromProto(lease.endpoint()), false, nullptr, [&](const Tenant::Row& row) {
    records += Matches(row, lease);
    return true;
  });
  return records;
}

std::vector<v1::Row> SyncRun::Page(const v1::FetchAssignment& lease, v1::PageHeader& header) const {
  const Endpoint endpoint = FromProto(lease.endpoint());
  std::optional<Tenant::Key> after;
  if (!lease.next_link().empty()) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(lease.next_link(), '/');
    after.emplace(0, parts.second);
    CHECK(absl::SimpleAtoi(parts.first, &after->first));
  }
  if (lease.page() == 0 && !lease.no_count()) header.set_chain_records(Count(lease));
  std::vector<v1::Row> rows;
  Tenant::Key last;
  bool more = false;
  tenant_.Descend(endpoint, lease.order() == v1::CREATED_TIME_DESC, after ? &*after : nullptr,
                  [&](const Tenant::Row& row) {
                    if (!Matches(row, lease)) return true;
                    more = rows.size() == kPage;
                    if (more) return false;
                    v1::Row& sent = rows.emplace_back();
                    sent.set_id(row.id);
                    sent.set_raw(row.newest().raw);
                    if (HasCreatedTime(endpoint)) *sent.mutable_created_time() = ToProto(row.created);
                    *sent.mutable_last_updated_time() = ToProto(row.newest().stamp);
                    last = {absl::ToUnixMillis(row.created), row.id};
                    return true;
                  });
  if (more) header.set_next_link(absl::StrCat(last.first, "/", last.second));
  return rows;
}

void SyncRun::ReadChain(v1::FetchAssignment lease) {
  while (true) {
    Sync(&lease);
    const uint64_t permit = AwaitPermit(lease);
    ++requests_[FromProto(lease.endpoint())];
    v1::PageHeader header;
    *header.mutable_token() = lease.token();
    header.set_window(lease.window());
    header.set_chain(lease.chain());
    header.set_page(lease.page());
    v1::PermitReport& report = *header.mutable_permit();
    report.set_number(permit);
    report.set_fate(v1::ANSWERED);
    report.set_http_status(Refuses(lease) ? 400 : 200);
    *report.mutable_time_to_first_byte() = ToProto(kLatency);
    // A Date has whole seconds.
    *report.mutable_server_date() = ToProto(absl::FromUnixSeconds(absl::ToUnixSeconds(Now())));
    std::vector<v1::Row> rows;
    if (Refuses(lease) && lease.kind() != v1::COUNT) {
      v1::ReportPermitRequest fate;
      fate.set_source("acme");
      *fate.mutable_report() = report;
      CHECK(desk_->ReportPermit(fate).ok());
      return Release(lease, v1::ReleaseWindowRequest::REQUEST_REFUSED);
    }
    if (lease.kind() != v1::COUNT) {
      rows = Page(lease, header);
    } else if (!Refuses(lease)) {
      header.set_chain_records(Count(lease));
    }
    header.set_row_count(static_cast<uint32_t>(rows.size()));
    clock_.Advance(kLatency);
    before_commit(calls_);
    const absl::StatusOr<v1::CommitPageResponse> response = desk_->CommitPage(header, std::move(rows), {});
    CHECK(response.ok());
    if (response->next() == v1::CommitPageResponse::STOP) return;
    lease.set_page(lease.page() + 1);
    lease.set_next_link(header.next_link());
  }
}

}  // namespace penstock
