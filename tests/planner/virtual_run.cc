// SPDX-License-Identifier: Apache-2.0
#include "tests/planner/virtual_run.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock {
namespace {

constexpr uint64_t kPage = 500;
constexpr absl::Duration kSyncEvery = absl::Seconds(5);

}  // namespace

VirtualRun::VirtualRun(const Tenant& tenant, Latency latency, uint32_t workers, Oddity oddity)
    : tenant_(tenant), latency_(latency), oddity_(oddity) {
  auto store = std::make_unique<CountingStore>();
  store_ = store.get();
  coordinator::CoreOptions options;
  coordinator::SourceSettings source;
  source.name = "acme";
  source.url = "https://api.example.com/export/v1/records";
  options.sources.push_back(source);
  absl::StatusOr<std::unique_ptr<coordinator::Core>> core =
      coordinator::Core::Open(std::move(store), clock_, random_, options);
  CHECK(core.ok());
  core_ = *std::move(core);
  desk_ = std::make_unique<coordinator::WorkerDesk>(*core_);
  admin_ = std::make_unique<coordinator::AdminDesk>(*core_, "test");
  start_ = clock_.Now().boot;
  for (uint32_t i = 0; i < workers; ++i) {
    hands_.push_back({absl::StrCat("worker-", i), std::nullopt, std::nullopt, 0, absl::ZeroDuration()});
    Schedule(start_ + absl::Milliseconds(10 * i), Kind::kSync, i);
  }
}

void VirtualRun::Schedule(absl::Duration at, Kind kind, size_t hand) {
  events_.push({at, ++events_ever_, kind, hand});
}

v1::Job VirtualRun::Backfill(std::optional<absl::Time> from) {
  v1::CreateBackfillRequest request;
  if (from.has_value()) *request.mutable_from() = ToProto(*from);
  absl::StatusOr<v1::Job> job = admin_->CreateBackfill(request);
  CHECK(job.ok());
  return *job;
}

v1::Job VirtualRun::Job(uint64_t number) {
  v1::GetJobRequest request;
  request.set_number(number);
  return *admin_->GetJob(request);
}

std::vector<v1::Window> VirtualRun::Windows(uint64_t job) {
  v1::ListWindowsRequest request;
  request.set_job(job);
  const v1::ListWindowsResponse response = *admin_->ListWindows(request);
  return {response.windows().begin(), response.windows().end()};
}

bool VirtualRun::HasAll() const {
  return std::all_of(kAllEndpoints.begin(), kAllEndpoints.end(),
                     [&](Endpoint endpoint) { return store_->Rows(endpoint) == tenant_.Records(endpoint); });
}

bool VirtualRun::Finish(const v1::Job& job) {
  while (Elapsed() < absl::Hours(24 * 7)) {
    const Event event = events_.top();
    events_.pop();
    const absl::Duration wait = event.at - clock_.Now().boot;
    if (wait > absl::ZeroDuration()) clock_.Advance(wait);
    switch (event.kind) {
      case Kind::kSync:
        Sync(event.hand);
        break;
      case Kind::kLook:
        Look(event.hand);
        break;
      case Kind::kAnswer:
        Answer(event.hand);
        if (core_->state().FindJob(job.number())->state() == storage::JobRecord::DONE) return true;
        break;
    }
  }
  return false;
}

void VirtualRun::Sync(size_t index) {
  Hand& hand = hands_[index];
  v1::SyncRequest request;
  request.set_worker_id(hand.id);
  request.set_protocol(1);
  request.set_fetch_capacity(1);
  v1::SourceCredentials& credentials = *request.add_sources();
  credentials.set_source("acme");
  credentials.set_generation(hand.id);
  if (hand.lease.has_value()) *request.add_held()->mutable_token() = hand.lease->token();
  const absl::StatusOr<v1::SyncResponse> response = desk_->Sync(request);
  CHECK(response.ok());
  // A task that lost its lease learns it at its next call, and ends; what came meanwhile goes back unread.
  if (response->lost().empty() && response->fetch_size() > 0) {
    hand.lease = response->fetch(0);
    BeginRequest(index);
  }
  Schedule(clock_.Now().boot + kSyncEvery, Kind::kSync, index);
}

void VirtualRun::BeginRequest(size_t index) {
  hands_[index].asked_since = clock_.Now().boot;
  BeginCall(index);
}

void VirtualRun::BeginCall(size_t index) {
  Hand& hand = hands_[index];
  v1::AcquirePermitRequest request;
  request.set_request_id(absl::StrCat("call-", ++calls_));
  *request.mutable_token() = hand.lease->token();
  request.set_window(hand.lease->window());
  *request.mutable_patience() = ToProto(absl::Seconds(10));
  hand.call = *coordinator::WorkerDesk::OpenPermitCall(request, clock_.Now());
  Look(index);
}

void VirtualRun::Look(size_t index) {
  Hand& hand = hands_[index];
  if (!hand.call.has_value()) return;
  absl::StatusOr<coordinator::WorkerDesk::PermitLook> look = [&] {
    const coordinator::Core::Turn turn = core_->Enter();
    return desk_->LookForPermit(turn, *hand.call);
  }();
  if (!look.ok()) return EndLease(index);
  if (const auto* again = std::get_if<coordinator::WorkerDesk::LookAgain>(&*look)) {
    return Schedule(again->at, Kind::kLook, index);
  }
  const auto& answer = std::get<v1::AcquirePermitResponse>(*look);
  if (answer.has_wait()) return BeginCall(index);
  hand.call.reset();
  hand.permit = answer.permit().number();
  ++spent_.requests;
  on_permit(*hand.lease, clock_.Now().boot - hand.asked_since);
  const bool has_body = hand.lease->kind() != v1::COUNT && !Refuses(*hand.lease);
  Schedule(clock_.Now().boot + latency_.first_byte + (has_body ? latency_.body : absl::ZeroDuration()),
           Kind::kAnswer, index);
}

// Something changed: whoever waits looks again, as WaitForNews would have them.
void VirtualRun::LookAll() {
  for (size_t i = 0; i < hands_.size(); ++i) Look(i);
}

void VirtualRun::EndLease(size_t index) {
  hands_[index].lease.reset();
  hands_[index].call.reset();
  Sync(index);  // a task's end brings the next Sync at once
}

bool VirtualRun::Refuses(const v1::FetchAssignment& lease) const {
  const bool filtered = lease.has_from() || lease.has_to();
  if (lease.kind() == v1::COUNT) return oddity_.refuses_count || (filtered && oddity_.refuses_filter);
  if (!lease.next_link().empty()) return false;
  return (oddity_.refuses_two_keys && lease.order() == v1::CREATED_TIME_DESC) ||
         (oddity_.refuses_filter && filtered) || (oddity_.refuses_count && !lease.no_count());
}

v1::PermitReport VirtualRun::Report(const Hand& hand, int status, absl::Duration body) const {
  v1::PermitReport report;
  report.set_number(hand.permit);
  report.set_fate(v1::ANSWERED);
  report.set_http_status(status);
  *report.mutable_first_byte_ago() = ToProto(body);
  *report.mutable_time_to_first_byte() = ToProto(latency_.first_byte);
  *report.mutable_body_time() = ToProto(body);
  *report.mutable_server_date() = ToProto(clock_.Now().wall - body);
  return report;
}

std::vector<v1::Row> VirtualRun::Page(const v1::FetchAssignment& lease, v1::PageHeader& header) const {
  const Endpoint endpoint = FromProto(lease.endpoint());
  Tenant::Slice slice;
  if (lease.axis() == v1::CREATED_TIME && !oddity_.ignores_filter) {
    slice = tenant_.Between(endpoint, lease.has_from() ? FromProto(lease.from()) : absl::InfinitePast(),
                            lease.has_to() ? FromProto(lease.to()) : absl::InfiniteFuture());
  } else if (!lease.has_from() || oddity_.ignores_filter) {
    slice = {0, tenant_.Records(endpoint)};
  } else {
    slice = {0, std::min(restamped, tenant_.Records(endpoint))};  // a closing pass, or a sync
  }
  uint64_t done = 0;
  if (!lease.next_link().empty()) CHECK(absl::SimpleAtoi(lease.next_link(), &done));
  if (lease.page() == 0 && !lease.no_count()) header.set_chain_records(slice.records);
  const bool restamped_now = lease.axis() == v1::LAST_UPDATED_TIME && lease.has_from();
  const absl::Time stamp =
      restamped_now ? clock_.Now().wall - absl::Hours(1) : absl::FromUnixSeconds(1'700'000'000);
  std::vector<v1::Row> rows;
  for (uint64_t i = done; i < std::min(done + kPage, slice.records); ++i) {
    const uint64_t place = slice.first + (oddity_.ignores_order ? (i * 7919) % slice.records : i);
    v1::Row& row = rows.emplace_back();
    row.set_id(absl::StrCat(place));
    if (endpoint != Endpoint::kUsers) *row.mutable_created_time() = ToProto(tenant_.Created(endpoint)[place]);
    *row.mutable_last_updated_time() = ToProto(stamp);
  }
  header.set_filter_ignored(
      oddity_.ignores_filter && std::any_of(rows.begin(), rows.end(), [&](const v1::Row& row) {
        const auto& stamp = lease.axis() == v1::CREATED_TIME ? row.created_time() : row.last_updated_time();
        return (lease.has_from() && FromProto(stamp) < FromProto(lease.from())) ||
               (lease.has_to() && FromProto(stamp) >= FromProto(lease.to()));
      }));
  if (done + kPage < slice.records) header.set_next_link(absl::StrCat(done + kPage));
  return rows;
}

void VirtualRun::Answer(size_t index) {
  Hand& hand = hands_[index];
  v1::FetchAssignment& lease = *hand.lease;
  const storage::WindowRecord& window = *core_->state().FindWindow(lease.window());
  if (window.purpose() == storage::WindowRecord::CLOSING) ++spent_.closing;
  const bool counts = lease.kind() == v1::COUNT;
  if (counts) ++spent_.counts;
  v1::PageHeader header;
  std::vector<v1::Row> rows;
  if (Refuses(lease)) {
    ++spent_.refused;
    if (!counts) {
      v1::ReportPermitRequest fate;
      fate.set_source("acme");
      *fate.mutable_report() = Report(hand, 400, absl::ZeroDuration());
      CHECK(desk_->ReportPermit(fate).ok());
      v1::ReleaseWindowRequest release;
      *release.mutable_token() = lease.token();
      release.set_window(lease.window());
      release.set_reason(v1::ReleaseWindowRequest::REQUEST_REFUSED);
      release.set_detail("the source answered 400");
      const absl::Status released = desk_->ReleaseWindow(release);
      CHECK(released.ok() || absl::IsAborted(released));
      EndLease(index);
      return LookAll();
    }
  } else {
    rows = Page(lease, header);
    if (counts) {
      rows.clear();
      header.clear_next_link();
    }
  }
  *header.mutable_token() = lease.token();
  header.set_window(lease.window());
  header.set_chain(lease.chain());
  header.set_page(lease.page());
  header.set_row_count(static_cast<uint32_t>(rows.size()));
  *header.mutable_permit() =
      Report(hand, counts && Refuses(lease) ? 400 : 200, counts ? absl::ZeroDuration() : latency_.body);
  const bool asked_for_rows = !counts && window.purpose() != storage::WindowRecord::CLOSING;
  const absl::StatusOr<v1::CommitPageResponse> response = desk_->CommitPage(header, std::move(rows), {});
  // Aborted: another window took its place while the page was on its way.
  CHECK(response.ok() || absl::IsAborted(response.status()));
  if (!response.ok()) return EndLease(index);
  if (asked_for_rows && response->counts().inserted() == 0) ++spent_.nothing_new;
  after_commit();
  if (response->next() == v1::CommitPageResponse::STOP) {
    EndLease(index);
  } else {
    lease.set_page(lease.page() + 1);
    lease.set_next_link(header.next_link());
    BeginRequest(index);
  }
  LookAll();
}

}  // namespace penstock
