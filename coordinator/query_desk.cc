// SPDX-License-Identifier: Apache-2.0
#include "coordinator/query_desk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

absl::Status Stops() { return absl::UnavailableError("the coordinator stops"); }

absl::Status NoWorker(const std::string& destination) {
  return absl::UnavailableError(
      absl::StrCat("no worker takes queries of '", destination,
                   "'; start one with --roles=query whose configuration has this destination"));
}

// The pieces of one answer, as its messages bring them.
class AnswerReader {
 public:
  absl::Status Add(v1::QueryAnswer piece) {
    if (piece.has_header() != pieces_.empty()) {
      return absl::InvalidArgumentError("an answer begins with its header, and has one");
    }
    bytes_ += piece.ByteSizeLong();
    rows_ += piece.rows_size();
    if (bytes_ > kQueryBytesMax || rows_ > kQueryRowsMax) {
      return absl::ResourceExhaustedError(
          absl::StrCat("an answer may have at most ", kQueryRowsMax, " rows and ", kQueryBytesMax, " bytes"));
    }
    pieces_.push_back(std::move(piece));
    return absl::OkStatus();
  }
  // A stream that was cut must never pass for a smaller answer.
  absl::StatusOr<QueryPieces> End(const v1::QueryEnd& end) {
    if (!pieces_.empty() && end.rows() == rows_) return std::move(pieces_);
    return absl::InvalidArgumentError(
        absl::StrCat("the end announces ", end.rows(), " rows, the stream has ", rows_));
  }

 private:
  QueryPieces pieces_;
  uint64_t bytes_ = 0;
  uint64_t rows_ = 0;
};

absl::Status FailureOf(const v1::QueryFailure& failure) {
  const absl::Status status(static_cast<absl::StatusCode>(failure.code()), failure.detail());
  // A code that is none, or says that all is well, is no answer.
  return status.ok() ? absl::InternalError(failure.detail()) : status;
}

}  // namespace

absl::Status QueryDesk::RunQuery(const v1::RunQueryRequest& request, const std::function<bool()>& gone,
                                 const std::function<bool(const v1::QueryAnswer&)>& send) {
  Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const uint64_t number, Ask(turn, request));
  while (true) {
    absl::StatusOr<AnswerLook> look = LookForAnswer(turn, number);
    if (look.ok() && std::holds_alternative<LookAgain>(*look) && !gone()) {
      const absl::Duration at = std::get<LookAgain>(*look).at;
      turn = core_.WaitForNews(std::move(turn), std::min(at, turn.now.boot + kQueryCallerLook));
      continue;
    }
    Close(turn, number);
    RETURN_IF_ERROR(look.status());
    if (std::holds_alternative<LookAgain>(*look)) return absl::CancelledError("the caller has gone");
    const QueryPieces pieces = std::get<QueryPieces>(*std::move(look));
    { const Core::Turn left = std::move(turn); }  // nobody else waits while it is sent
    for (const v1::QueryAnswer& piece : pieces) {
      if (!send(piece)) return absl::CancelledError("the caller has gone");
    }
    return absl::OkStatus();
  }
}

absl::StatusOr<std::string> QueryDesk::FindDestination(const std::string& name) const {
  const auto& known = core_.options().destinations;
  if (name.empty() && known.size() == 1) return known.begin()->first;
  if (known.count(name) > 0) return name;
  std::vector<std::string> names;
  for (const auto& [each, source] : known) names.push_back(each);
  if (names.empty()) {
    return absl::NotFoundError("this coordinator knows no destination; name one: --destination sqlite:FILE");
  }
  const std::string all = absl::StrJoin(names, ", ");
  if (name.empty()) return absl::InvalidArgumentError(absl::StrCat("say which one: --destination ", all));
  return absl::NotFoundError(
      absl::StrCat("there is no destination '", name, "' here; known are ", all, DidYouMean(name, names)));
}

absl::StatusOr<uint64_t> QueryDesk::Ask(const Core::Turn& turn, const v1::RunQueryRequest& request) {
  if (core_.options().read_only) {
    return absl::FailedPreconditionError("no coordinator runs, so no worker can be asked");
  }
  v1::Query query = request.query();
  if (query.what_case() == v1::Query::WHAT_NOT_SET) {
    return absl::InvalidArgumentError(
        "the query does not say what, or something that this version does not know");
  }
  if (query.ByteSizeLong() > kQuestionBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a question of ", query.ByteSizeLong(), " bytes; at most ",
                                                   kQuestionBytesMax, " are taken"));
  }
  ASSIGN_OR_RETURN(*query.mutable_destination(), FindDestination(query.destination()));
  if (core_.queries().size() >= kQueriesMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        kQueriesMax, " queries are being worked on, and no more are taken; ask again in a moment"));
  }
  const absl::Duration wanted = request.has_timeout() ? FromProto(request.timeout()) : kQueryTimeDefault;
  const absl::Duration time = std::clamp(wanted, absl::Seconds(1), kQueryTimeMax);
  const OpenQuery& open =
      core_.queries().Open(std::move(query), request.requested_by(), turn.now.boot, turn.now.boot + time);
  Log(LogLevel::kInfo, "a query",
      {{"query", QueryName(open.query)}, {"requested by", request.requested_by()}});
  core_.Tell(turn);
  return open.number;
}

bool QueryDesk::AnyWorker(const Core::Turn& turn, const std::string& destination) {
  for (const auto& [id, seen] : core_.workers()) {
    const auto& reached = seen.request.destinations();
    if (seen.at >= turn.now.boot - kHandsFor && seen.request.query_capacity() > 0 &&
        !seen.request.draining() && std::count(reached.begin(), reached.end(), destination) > 0) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<QueryDesk::AnswerLook> QueryDesk::LookForAnswer(const Core::Turn& turn, uint64_t number) {
  core_.queries().EndSilence(turn.now.boot);
  OpenQuery* const query = core_.queries().Find(number);
  CHECK(query != nullptr);
  if (query->answer.has_value()) {
    RETURN_IF_ERROR(query->answer->status());
    return AnswerLook(std::move(**query->answer));
  }
  if (core_.closed(turn)) return Stops();
  const std::string& destination = query->query.destination();
  if (turn.now.boot >= query->end) {
    const std::string took = FormatSpan(query->end - query->asked);
    if (!query->worker.empty()) {
      return absl::DeadlineExceededError(absl::StrCat(destination, " did not answer within ", took,
                                                      "; allow it more: --timeout, or ask for less"));
    }
    const size_t ahead = core_.queries().Ahead(number);
    return absl::DeadlineExceededError(absl::StrCat("no worker was free within ", took, ", ", ahead,
                                                    ahead == 1 ? " query" : " queries",
                                                    " waited before this one; ask again"));
  }
  // A worker that has just been started says so in its first Sync.
  const absl::Duration patience = query->asked + kQueryWorkerPatience;
  if (query->worker.empty() && turn.now.boot >= patience && !AnyWorker(turn, destination)) {
    return NoWorker(destination);
  }
  absl::Duration at = query->end;
  if (!query->worker.empty()) at = std::min(at, query->heard + kQuerySilence);
  if (turn.now.boot < patience) at = std::min(at, patience);
  return AnswerLook(LookAgain{at});
}

void QueryDesk::Close(const Core::Turn&, uint64_t number) { core_.queries().Close(number); }

absl::StatusOr<v1::TakeQueryResponse> QueryDesk::TakeQuery(const v1::TakeQueryRequest& request) {
  Core::Turn turn = core_.Enter();
  const absl::Duration end =
      turn.now.boot + std::clamp(FromProto(request.patience()), absl::ZeroDuration(), kQueryPatienceMax);
  while (true) {
    ASSIGN_OR_RETURN(QueryLook look, LookForQuery(turn, request, end));
    if (auto* answer = std::get_if<v1::TakeQueryResponse>(&look)) return *std::move(answer);
    turn = core_.WaitForNews(std::move(turn), std::get<LookAgain>(look).at);
  }
}

absl::StatusOr<QueryDesk::QueryLook> QueryDesk::LookForQuery(const Core::Turn& turn,
                                                             const v1::TakeQueryRequest& request,
                                                             absl::Duration end) {
  if (request.worker_id().empty()) return absl::InvalidArgumentError("worker_id is empty");
  if (core_.closed(turn)) return Stops();
  QueryBook& book = core_.queries();
  book.EndSilence(turn.now.boot);
  book.KeepOnly(request.worker_id(), {request.held().begin(), request.held().end()});
  const auto seen = core_.workers().find(request.worker_id());
  const bool drains = seen != core_.workers().end() && seen->second.request.draining();
  OpenQuery* const query = drains ? nullptr : book.FirstFree([&](const std::string& destination) {
    return std::count(request.destinations().begin(), request.destinations().end(), destination) > 0;
  });
  if (query != nullptr) {
    book.Give(*query, request.worker_id(), core_.leases().NextToken(), turn.now.boot);
    v1::TakeQueryResponse response;
    v1::QueryAssignment& assignment = *response.mutable_query();
    *assignment.mutable_token() = query->token;
    *assignment.mutable_query() = query->query;
    *assignment.mutable_time_left() = ToProto(query->end - turn.now.boot);
    *assignment.mutable_report_every() = ToProto(kQueryReportEvery);
    assignment.set_max_rows(kQueryRowsMax);
    assignment.set_max_bytes(kQueryBytesMax);
    return QueryLook(std::move(response));
  }
  if (drains || turn.now.boot >= end) return QueryLook(v1::TakeQueryResponse());
  return QueryLook(LookAgain{end});
}

absl::StatusOr<v1::ReportQueryResponse> QueryDesk::ReportQuery(
    const std::function<bool(v1::ReportQueryRequest*)>& read) {
  v1::ReportQueryRequest message;
  if (!read(&message)) return absl::InvalidArgumentError("a report has at least one message");
  const v1::LeaseToken token = message.token();
  v1::ReportQueryResponse response;
  // Before any more of it is read: most of a late answer need not come.
  response.set_carry_on(Heard(token));
  if (!response.carry_on()) return response;
  AnswerReader answer;
  do {
    if (message.has_answer()) {
      const absl::Status added = answer.Add(std::move(*message.mutable_answer()));
      if (added.ok()) continue;
      // Another worker's would be as large. What is no answer at all is its worker's mistake: the next one is asked.
      if (absl::IsResourceExhausted(added)) Settle(token, added);
      return added;
    }
    if (message.has_end()) {
      absl::StatusOr<QueryPieces> whole = answer.End(message.end());
      RETURN_IF_ERROR(whole.status());
      response.set_carry_on(Settle(token, std::move(whole)));
    } else if (message.has_failure()) {
      response.set_carry_on(Settle(token, FailureOf(message.failure())));
    } else if (message.has_give_back()) {
      response.set_carry_on(GiveBack(token));
    }
    return response;
  } while (read(&message));
  return absl::InvalidArgumentError("the answer has no end");
}

bool QueryDesk::Heard(const v1::LeaseToken& token) {
  const Core::Turn turn = core_.Enter();
  core_.queries().EndSilence(turn.now.boot);
  OpenQuery* const query = core_.queries().FindTaken(token);
  if (query == nullptr || query->answer.has_value()) return false;
  query->heard = turn.now.boot;
  return true;
}

bool QueryDesk::Settle(const v1::LeaseToken& token, absl::StatusOr<QueryPieces> answer) {
  const Core::Turn turn = core_.Enter();
  OpenQuery* const query = core_.queries().FindTaken(token);
  if (query == nullptr || query->answer.has_value()) return false;
  query->answer = std::move(answer);
  core_.Tell(turn);
  return true;
}

bool QueryDesk::GiveBack(const v1::LeaseToken& token) {
  const Core::Turn turn = core_.Enter();
  OpenQuery* const query = core_.queries().FindTaken(token);
  if (query == nullptr || query->answer.has_value()) return false;
  core_.queries().TakeBack(*query);
  core_.Tell(turn);
  return true;
}

}  // namespace penstock::coordinator
