// SPDX-License-Identifier: Apache-2.0
#include "coordinator/worker_desk.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/first_seen.h"
#include "coordinator/forgotten.h"
#include "coordinator/hands.h"
#include "coordinator/limits.h"
#include "coordinator/load_desk.h"
#include "coordinator/order_of_work.h"
#include "coordinator/page_decider.h"
#include "coordinator/stored_records.h"
#include "coordinator/sync_desk.h"
#include "coordinator/why.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

// Of this coordinator. A rolling upgrade passes through workers one version behind or ahead of it.
constexpr uint32_t kProtocol = 1;
// A worker that said nothing for so long is no longer listed.
constexpr absl::Duration kForgetWorkerAfter = absl::Minutes(10);

v1::FetchAssignment Assignment(const State& state, const WindowRecord& window) {
  v1::FetchAssignment assignment;
  assignment.mutable_token()->set_epoch(window.token_epoch());
  assignment.mutable_token()->set_counter(window.token_counter());
  assignment.set_source(state.sources().at(window.source()).name());
  assignment.set_window(window.number());
  assignment.set_endpoint(static_cast<v1::Endpoint>(window.endpoint()));
  assignment.set_axis(static_cast<v1::WindowAxis>(window.axis()));
  if (window.has_from()) *assignment.mutable_from() = window.from();
  if (window.has_to()) *assignment.mutable_to() = window.to();
  assignment.set_chain(window.chain());
  assignment.set_page(window.next_page());
  assignment.set_next_link(window.next_link());
  assignment.set_kind(IsCount(window) ? v1::COUNT : v1::PAGES);
  assignment.set_order(static_cast<v1::PageOrder>(window.order()));
  assignment.set_no_count(!window.asks_count());
  if (window.has_created_from()) *assignment.mutable_created_from() = window.created_from();
  return assignment;
}

bool Speaks(uint32_t protocol) {
  return protocol != 0 && protocol + 1 >= kProtocol && protocol <= kProtocol + 1;
}

absl::Status LostLease() {
  return absl::AbortedError("this lease has ended; drop the task and go on with what Sync says");
}

}  // namespace

absl::StatusOr<v1::SyncResponse> WorkerDesk::Sync(const v1::SyncRequest& request, const std::string& caller) {
  const Turn turn = core_.Enter();
  std::erase_if(core_.workers(),
                [&](const auto& worker) { return worker.second.at < turn.now.boot - kForgetWorkerAfter; });
  RETURN_IF_ERROR(CheckWorker(request, caller));
  core_.workers()[request.worker_id()] = {request, turn.now.boot, caller};

  v1::SyncResponse response;
  RETURN_IF_ERROR(TakeCredentials(turn, request));
  RETURN_IF_ERROR(RenewHeld(turn, request, response));
  if (!request.draining()) {
    if (request.fetch_capacity() > 0) BeginDueRounds(core_, turn);
    RETURN_IF_ERROR(LeaseWindows(turn, request, response));
    LeaseLoads(core_, turn, request, response);
  }
  // Its TakeQuery need not wait any longer.
  if (request.draining()) core_.Tell(turn);
  *response.mutable_store() = core_.Position();
  *response.mutable_next_sync() = ToProto(kSyncEvery);
  *response.mutable_lease() = ToProto(kLease);
  return response;
}

absl::Status WorkerDesk::CheckWorker(const v1::SyncRequest& request, const std::string& caller) const {
  if (!Speaks(request.protocol())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "this coordinator speaks protocol ", kProtocol, " and the versions beside it, the worker ",
        request.version(), " speaks ", request.protocol(), "; upgrade one of the two"));
  }
  if (request.worker_id().empty()) return absl::InvalidArgumentError("worker_id is empty");
  if (request.ByteSizeLong() > kSyncBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a Sync of ", request.ByteSizeLong(), " bytes; at most ", kSyncBytesMax, " are taken"));
  }
  if (core_.workers().size() >= kWorkersMax && !core_.workers().contains(request.worker_id())) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kWorkersMax, " workers were here in the last ", FormatSpan(kForgetWorkerAfter),
                     ", and no more are taken; the budget keeps a few busy: start fewer"));
  }
  const auto known = core_.workers().find(request.worker_id());
  if (known != core_.workers().end() && known->second.caller != caller) {
    return absl::PermissionDeniedError(absl::StrCat("worker ", request.worker_id(), " came as ",
                                                    known->second.caller, " before, and now as ", caller,
                                                    "; each worker makes an id of its own"));
  }
  const v1::StorePosition& seen = request.seen();
  if (seen.store_id().empty()) return absl::OkStatus();
  if (seen.store_id() != core_.store().store_id()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the worker works for store ", seen.store_id(), ", this is store ",
                     core_.store().store_id(), "; restart the worker if the store was replaced on purpose"));
  }
  if (seen.acknowledged_commit() > core_.store().last_commit()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "this store is a stale copy: it ends at commit ", core_.store().last_commit(), ", but commit ",
        seen.acknowledged_commit(), " was acknowledged; stop this coordinator"));
  }
  return absl::OkStatus();
}

absl::Status WorkerDesk::TakeCredentials(const Turn& turn, const v1::SyncRequest& request) {
  for (const v1::SourceCredentials& credentials : request.sources()) {
    const storage::SourceRecord* source = core_.state().FindSource(credentials.source());
    if (source == nullptr) continue;
    if (core_.KnowsCredentials(source->id(), credentials.generation())) continue;
    Records records = DecideUnblock(core_.state(), *source);
    if (!records.empty()) {
      Log(LogLevel::kInfo, "the credentials changed: what they were refused is tried again",
          {{"source", source->name()}});
    }
    RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
    core_.RememberCredentials(source->id(), credentials.generation());
  }
  return absl::OkStatus();
}

absl::Status WorkerDesk::RenewHeld(const Turn& turn, const v1::SyncRequest& request,
                                   v1::SyncResponse& response) {
  std::set<std::pair<uint64_t, uint64_t>> named;
  for (const v1::HeldLease& held : request.held()) {
    const Lease* lease = core_.leases().Find(held.token(), turn.now.boot);
    if (lease == nullptr || lease->worker != request.worker_id()) {
      *response.add_lost() = held.token();
      continue;
    }
    named.insert({held.token().epoch(), held.token().counter()});
    core_.leases().Renew(held, turn.now.boot + kLease);
  }
  Records records;
  for (const Lease& lease : core_.leases().OfWorker(request.worker_id())) {
    if (named.contains({lease.token.epoch(), lease.token.counter()})) continue;
    // The answer that granted it was lost, or the task ended without a word: somebody may have it at once.
    if (lease.window != 0) {
      const WindowRecord& window = *core_.state().FindWindow(lease.window);
      Records released =
          DecideRelease(core_.state(), window, v1::ReleaseWindowRequest::RETURNED, "", turn.now);
      records.insert(records.end(), released.begin(), released.end());
    } else {
      core_.leases().End(lease.token.epoch(), lease.token.counter());
    }
  }
  return core_.Commit(turn, std::move(records));
}

absl::Status WorkerDesk::LeaseWindows(const Turn& turn, const v1::SyncRequest& request,
                                      v1::SyncResponse& response) {
  std::set<std::string> sources;
  for (const v1::SourceCredentials& credentials : request.sources()) sources.insert(credentials.source());
  size_t holds = 0;
  for (const Lease& lease : core_.leases().OfWorker(request.worker_id())) holds += lease.window != 0;
  if (holds >= request.fetch_capacity()) return absl::OkStatus();
  const std::vector<uint64_t> windows = NextWindows(
      core_.state(), [&](uint32_t id) { return sources.contains(core_.state().sources().at(id).name()); },
      request.fetch_capacity() - holds, turn.now.wall);
  Records records;
  for (uint64_t number : windows) {
    records.push_back(Leased(core_.state(), *core_.state().FindWindow(number), core_.leases().NextToken(),
                             request.worker_id()));
  }
  RETURN_IF_ERROR(core_.Commit(turn, records));
  for (const store::Record& record : records) {
    const WindowRecord& window = std::get<WindowRecord>(record);
    *response.add_fetch() = Assignment(core_.state(), window);
    Lease lease;
    lease.token = response.fetch().rbegin()->token();
    lease.worker = request.worker_id();
    lease.deadline = turn.now.boot + kLease;
    lease.window = window.number();
    lease.source = window.source();
    core_.leases().Grant(std::move(lease));
  }
  return absl::OkStatus();
}

absl::StatusOr<const WindowRecord*> WorkerDesk::Held(const Turn& turn, const v1::LeaseToken& token,
                                                     uint64_t window) {
  const Lease* lease = core_.leases().Find(token, turn.now.boot);
  if (lease == nullptr || lease->window != window || window == 0) return LostLease();
  const WindowRecord* record = core_.state().FindWindow(window);
  CHECK(record != nullptr && record->state() == WindowRecord::LEASED &&
        record->token_epoch() == token.epoch() && record->token_counter() == token.counter());
  return record;
}

absl::StatusOr<v1::AcquirePermitResponse> WorkerDesk::AcquirePermit(const v1::AcquirePermitRequest& request) {
  Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const PermitCall call, OpenPermitCall(request, turn.now));
  while (true) {
    ASSIGN_OR_RETURN(PermitLook look, LookForPermit(turn, call));
    if (auto* answer = std::get_if<v1::AcquirePermitResponse>(&look)) return *std::move(answer);
    turn = core_.WaitForNews(std::move(turn), std::get<LookAgain>(look).at);
  }
}

absl::StatusOr<WorkerDesk::PermitCall> WorkerDesk::OpenPermitCall(const v1::AcquirePermitRequest& request,
                                                                  const Moment& now) {
  if (request.request_id().empty()) return absl::InvalidArgumentError("request_id is empty");
  const absl::Duration patience =
      std::clamp(FromProto(request.patience()), absl::ZeroDuration(), kPermitPatienceMax);
  return PermitCall{request, now.boot, now.boot + patience};
}

absl::StatusOr<WorkerDesk::PermitLook> WorkerDesk::LookForPermit(const Turn& turn, const PermitCall& call) {
  const v1::AcquirePermitRequest& request = call.request;
  v1::AcquirePermitResponse response;
  const auto permit_given = [&] {
    const GivenPermit* given = core_.desk().Given(request.request_id());
    if (given == nullptr) return false;
    response.mutable_permit()->set_number(given->number);
    *response.mutable_permit()->mutable_held_back() = ToProto(given->given_at - call.asked);
    *response.mutable_permit()->mutable_send_within() = ToProto(kSendWithin);
    return true;
  };
  if (permit_given()) return response;
  const auto window = Held(turn, request.token(), request.window());
  if (!window.ok()) {
    core_.desk().Leave(request.request_id());
    return window.status();
  }
  const PermitAsk ask = {request.request_id(),
                         (*window)->source(),
                         static_cast<Endpoint>((*window)->endpoint()),
                         request.window(),
                         (*window)->job(),
                         UrgencyOf(core_.state(), **window, turn.now.wall),
                         call.asked};
  const std::string why_not = WhyNotLeased(core_.state(), **window);
  if (!why_not.empty()) {
    // Paused or blocked meanwhile: nothing is under way for it, so it waits as any other pending window.
    core_.desk().Leave(request.request_id());
    RETURN_IF_ERROR(core_.Commit(
        turn, DecideRelease(core_.state(), **window, v1::ReleaseWindowRequest::RETURNED, "", turn.now)));
    return absl::AbortedError(why_not);
  }
  core_.desk().Join(ask);
  const absl::Status given = GivePermits(turn, ask.source);
  if (!given.ok()) {
    core_.desk().Leave(request.request_id());
    return given;
  }
  if (permit_given()) return response;
  if (core_.closed(turn)) {
    core_.desk().Leave(request.request_id());
    return absl::UnavailableError("the coordinator stops");
  }
  if (turn.now.boot >= call.end) {
    *response.mutable_wait() = Explain(turn, ask);
    core_.desk().Leave(request.request_id());
    return response;
  }
  const absl::Duration ready = core_.state().BudgetOf(ask.source).ReadyAt(ask.endpoint, turn.now);
  return LookAgain{std::min(call.end, std::max(ready, turn.now.boot + absl::Milliseconds(1)))};
}

absl::Status WorkerDesk::GivePermits(const Turn& turn, uint32_t source) {
  Budget& budget = core_.budget(source);
  bool gave = true;
  while (gave) {
    gave = false;
    // After each permit the line is another one.
    for (const PermitAsk& ask : core_.desk().Waiting(source)) {
      // Users may wait for their own limit while the others go on.
      const absl::Duration ready = budget.ReadyAt(ask.endpoint, turn.now);
      if (ready > turn.now.boot) continue;
      std::optional<uint64_t> permit = budget.TakeReserved(ask.endpoint, turn.now);
      if (!permit.has_value()) {
        Budget::Grant grant = budget.DecideGrant(ask.endpoint, turn.now);
        permit = grant.permit;
        RETURN_IF_ERROR(core_.Commit(turn, std::move(grant.records)));
      }
      budget.Granted(ask.endpoint, turn.now);
      core_.desk().Give(ask.request_id, *permit, turn.now.boot);
      core_.permit_lateness().Add(turn.now.boot - std::max(ready, ask.asked));
      gave = true;
      break;
    }
  }
  return absl::OkStatus();
}

v1::PermitWait WorkerDesk::Explain(const Turn& turn, const PermitAsk& ask) {
  v1::PermitWait answer;
  answer.set_why(WhyNoPermit(core_, ask, turn.now));
  return answer;
}

absl::Status WorkerDesk::ReportPermit(const v1::ReportPermitRequest& request) {
  const Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(uint32_t source, core_.SourceId(request.source()));
  if (core_.state().SettingsOf(source) == nullptr) return absl::OkStatus();
  const Budget& budget = core_.state().BudgetOf(source);
  Records records = budget.DecideReport(request.report(), turn.now, core_.random().Fraction());
  const uint64_t refusals = budget.record().refusals();
  RETURN_IF_ERROR(core_.Commit(turn, std::move(records)));
  if (budget.record().refusals() > refusals && budget.CurrentLimit(turn.now) == 1) {
    Log(LogLevel::kError,
        "ALARM: the source refuses every request, whatever the limit; one a minute is sent until it answers",
        {{"source", request.source()},
         {"status", absl::StrCat(request.report().http_status())},
         {"refused so far", absl::StrCat(budget.record().refusals())},
         {"next in", FormatSpan(std::max(budget.ReadyAt(Endpoint::kConversations, turn.now) - turn.now.boot,
                                         absl::ZeroDuration()))}});
  } else if (budget.record().refusals() > refusals) {
    Log(LogLevel::kWarning,
        "the source refused a request below the limit we keep: someone else uses this key",
        {{"source", request.source()},
         {"status", absl::StrCat(request.report().http_status())},
         {"paused for", FormatSpan(budget.paused_until() - turn.now.boot)},
         {"limit now", absl::StrCat(budget.CurrentLimit(turn.now))}});
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::CommitPageResponse> WorkerDesk::CommitPage(
    const v1::PageHeader& header, std::vector<v1::Row> rows, std::vector<v1::QuarantinedRecord> quarantined) {
  const Turn turn = core_.Enter();
  v1::CommitPageResponse response;
  const auto held = Held(turn, header.token(), header.window());
  if (!held.ok()) {
    // A repeat of the page that ended the lease: its first answer was lost on the way.
    const WindowRecord* window = core_.state().FindWindow(header.window());
    const bool repeat = window != nullptr && window->token_epoch() == header.token().epoch() &&
                        window->token_counter() == header.token().counter() &&
                        header.chain() == window->chain() && header.page() < window->next_page() &&
                        window->state() != WindowRecord::LEASED;
    if (!repeat) return held.status();
    response.set_outcome(v1::CommitPageResponse::ALREADY_APPLIED);
    response.set_next(v1::CommitPageResponse::STOP);
    *response.mutable_store() = core_.Position();
    return response;
  }
  const uint32_t source = (*held)->source();
  const auto page_endpoint = static_cast<Endpoint>((*held)->endpoint());
  store::PageWrite page;
  page.source = source;
  page.endpoint = page_endpoint;
  page.window = header.window();
  page.permit = header.permit().number();
  page.now = turn.now.wall;
  page.rows = std::move(rows);
  // No worker may hide a record.
  for (v1::Row& row : page.rows) row.clear_stand_in();
  page.quarantined = std::move(quarantined);
  const Forgotten forgotten(core_.options().forget_key, core_.state().SuppressedIn(source));
  Records met = KeepOut(forgotten, core_.options().forget_key, page);
  if (IsCount(**held)) {
    core_.pace(source).LearnCount(header.permit());
  } else {
    core_.pace(source).LearnPage(header.permit());
  }
  absl::StatusOr<PageDecision> decision =
      IsCount(**held) ? DecideCount(core_.state(), header, std::move(page), Stored(core_, **held), turn.now,
                                    core_.random().Fraction())
                      : DecidePage(core_.state(), header, std::move(page), HandsOf(core_, source, turn.now),
                                   turn.now, core_.random().Fraction());
  if (absl::IsAlreadyExists(decision.status())) {
    response.set_outcome(v1::CommitPageResponse::ALREADY_APPLIED);
    response.set_next(v1::CommitPageResponse::CARRY_ON);
    *response.mutable_store() = core_.Position();
    return response;
  }
  RETURN_IF_ERROR(decision.status());
  std::move(met.begin(), met.end(), std::back_inserter(decision->batch.records));
  ASSIGN_OR_RETURN(store::Committed committed, core_.Commit(turn, std::move(decision->batch)));
  if (!header.ignored().empty()) {
    Log(LogLevel::kWarning, header.ignored(), {{"window", WindowName(header.window())}});
  }
  for (const storage::SeenField& field : decision->first_seen) {
    Log(LogLevel::kWarning, absl::StrCat("first seen: ", SeenWords(field)),
        {{"source", core_.state().sources().at(source).name()},
         {"endpoint", std::string(Name(page_endpoint))},
         {"window", WindowName(header.window())}});
  }
  if (decision->reserved != 0) core_.budget(source).Reserved(decision->reserved, turn.now);
  response.set_outcome(v1::CommitPageResponse::APPLIED);
  response.set_next(decision->stop ? v1::CommitPageResponse::STOP : v1::CommitPageResponse::CARRY_ON);
  *response.mutable_counts() = committed.counts;
  *response.mutable_store() = core_.Position();
  return response;
}

absl::Status WorkerDesk::ReleaseWindow(const v1::ReleaseWindowRequest& request) {
  const Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const WindowRecord* window, Held(turn, request.token(), request.window()));
  if (request.reason() != v1::ReleaseWindowRequest::RETURNED) {
    Log(LogLevel::kWarning, "a window was given back",
        {{"window", WindowName(window->number())},
         {"reason", v1::ReleaseWindowRequest::Reason_Name(request.reason())},
         {"detail", request.detail()}});
  }
  return core_.Commit(turn,
                      DecideRelease(core_.state(), *window, request.reason(), request.detail(), turn.now));
}

}  // namespace penstock::coordinator
