// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/statement_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/snowflake/identifier.h"
#include "destinations/snowflake/server_error.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr char kStatements[] = "/api/v2/statements";
// No server that means it asks for more.
constexpr absl::Duration kRetryAfterMax = absl::Minutes(5);

// Asking again later may help: the server is busy or away.
bool IsPassing(int http) { return http == 429 || http == 500 || http == 502 || http == 503 || http == 504; }

}  // namespace

StatementClient::StatementClient(SnowflakeConfig config, std::unique_ptr<HttpClient> http, const Clock& clock,
                                 Random& random, Patience patience)
    : config_(std::move(config)),
      http_(std::move(http)),
      clock_(clock),
      random_(random),
      patience_(patience),
      tokens_(config_, clock) {}

std::string StatementClient::Body(absl::string_view statement, const std::vector<std::string>& texts,
                                  size_t count) const {
  // Every name in a statement is whole, so that no schema of the user's is looked into.
  std::string body = absl::StrCat("{\"statement\":", QuoteJson(statement),
                                  ",\"warehouse\":", QuoteJson(Identifier(config_.warehouse)),
                                  ",\"role\":", QuoteJson(Identifier(config_.role)));
  if (count > 1) absl::StrAppend(&body, ",\"parameters\":{\"MULTI_STATEMENT_COUNT\":\"", count, "\"}");
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::StrAppend(&body, i == 0 ? ",\"bindings\":{" : ",", "\"", i + 1,
                    "\":{\"type\":\"TEXT\",\"value\":", QuoteJson(texts[i]), "}");
  }
  return absl::StrCat(body, texts.empty() ? "" : "}", "}");
}

absl::StatusOr<Rows> StatementClient::Execute(absl::string_view statement,
                                              const std::vector<std::string>& texts) {
  ASSIGN_OR_RETURN(Answer answer, Submit(Body(statement, texts, 1)));
  return AllRows(std::move(answer));
}

absl::StatusOr<std::vector<std::string>> StatementClient::ExecuteAll(
    const std::vector<std::string>& statements) {
  ASSIGN_OR_RETURN(Answer answer, Submit(Body(absl::StrJoin(statements, ";\n"), {}, statements.size())));
  if (answer.handles.size() != statements.size()) {
    return absl::UnavailableError(absl::StrCat(Place(config_), ": the server told of ", answer.handles.size(),
                                               " statements instead of ", statements.size(),
                                               "; loading will be tried again"));
  }
  return std::move(answer.handles);
}

absl::StatusOr<Rows> StatementClient::ReadResult(const std::string& handle) {
  ASSIGN_OR_RETURN(Answer answer, Await(handle));
  return AllRows(std::move(answer));
}

absl::Status StatementClient::Read(absl::string_view statement, absl::Duration time, const KeepOn& keep_on,
                                   const std::function<absl::Status(Rows)>& visit) {
  std::string body = Body(statement, {}, 1);
  const int64_t seconds = std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(time, absl::Seconds(1))));
  body.insert(body.size() - 1, absl::StrCat(",\"timeout\":", seconds));
  ASSIGN_OR_RETURN(Answer answer, Submit(body, keep_on));
  return VisitRows(std::move(answer), visit);
}

absl::StatusOr<Rows> StatementClient::AllRows(Answer answer) {
  Rows rows;
  RETURN_IF_ERROR(VisitRows(std::move(answer), [&](Rows part) {
    std::move(part.begin(), part.end(), std::back_inserter(rows));
    return absl::OkStatus();
  }));
  return rows;
}

absl::Status StatementClient::VisitRows(Answer answer, const std::function<absl::Status(Rows)>& visit) {
  RETURN_IF_ERROR(visit(std::move(answer.rows)));
  for (size_t i = 1; i < answer.partitions; ++i) {
    int http = 0;
    HttpRequest request;
    request.url = absl::StrCat(config_.url, kStatements, "/", answer.handle, "?partition=", i);
    ASSIGN_OR_RETURN(Answer part, Ask(std::move(request), &http));
    if (http != 200) return ServerError(config_, http, part);
    RETURN_IF_ERROR(visit(std::move(part.rows)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Answer> StatementClient::Submit(const std::string& body, const KeepOn& keep_on) {
  CHECK(body.size() <= kMaxRequest);
  ++statements_;
  HttpRequest request;
  request.post_body = body;
  // The server forgets nothing of a requestId: what it did once it does not do again.
  request.url = absl::StrCat(config_.url, kStatements, "?requestId=", NewRequestId(), "&retry=true");
  int http = 0;
  ASSIGN_OR_RETURN(Answer answer, Ask(std::move(request), &http));
  if (http == 202) return Await(answer.handle, keep_on);
  if (http == 200) return answer;
  return ServerError(config_, http, answer);
}

absl::StatusOr<Answer> StatementClient::Await(const std::string& handle, const KeepOn& keep_on) {
  const absl::Duration began = clock_.Now().boot;
  for (int attempt = 0;; ++attempt) {
    int http = 0;
    HttpRequest request;
    request.url = absl::StrCat(config_.url, kStatements, "/", handle);
    ASSIGN_OR_RETURN(Answer answer, Ask(request, &http));
    if (http == 200) return answer;
    if (http != 202) return ServerError(config_, http, answer);
    absl::Status go_on = keep_on == nullptr ? absl::OkStatus() : keep_on();
    if (go_on.ok() && clock_.Now().boot - began > patience_.running) {
      go_on = absl::UnavailableError(absl::StrCat(Place(config_), ": a statement ran for more than ",
                                                  absl::FormatDuration(patience_.running),
                                                  " and was cancelled; loading will be tried again"));
    }
    if (!go_on.ok()) {
      Cancel(handle);
      return go_on;
    }
    // Somebody waits for what is only read.
    clock_.Sleep(Pause(keep_on == nullptr ? attempt : 0, ""));
  }
}

void StatementClient::Cancel(const std::string& handle) {
  int http = 0;
  HttpRequest request;
  request.url = absl::StrCat(config_.url, kStatements, "/", handle, "/cancel");
  request.post_body = "{}";
  Ask(std::move(request), &http).status().IgnoreError();  // it may have ended meanwhile
}

absl::StatusOr<Answer> StatementClient::Ask(HttpRequest request, int* http) {
  const absl::Duration began = clock_.Now().boot;
  bool renewed = false;
  for (int attempt = 0;; ++attempt) {
    const absl::StatusOr<HttpReply> reply = SendOnce(&request);
    if (!reply.ok() && !absl::IsUnavailable(reply.status())) return reply.status();
    absl::Status failed = reply.status();
    std::string retry_after;
    if (reply.ok()) {
      *http = reply->status;
      absl::StatusOr<Answer> answer = ParseAnswer(reply->body);
      const bool whole = answer.ok() || *http / 100 != 2;
      if (!answer.ok()) answer = Answer{};  // a proxy's page, or the body was cut
      if (*http == 401 && !renewed && tokens_.Renew()) {
        renewed = true;
        continue;
      }
      if (whole && !IsPassing(*http)) return answer;
      failed = whole ? ServerError(config_, *http, *answer)
                     : absl::UnavailableError(absl::StrCat(
                           Place(config_),
                           ": the answer is not what the SQL API sends; loading will be tried again"));
      retry_after = reply->retry_after;
    }
    const absl::Duration pause = Pause(attempt, retry_after);
    if (clock_.Now().boot - began + pause > patience_.lost) return failed;
    clock_.Sleep(pause);
  }
}

absl::StatusOr<HttpReply> StatementClient::SendOnce(HttpRequest* request) {
  ASSIGN_OR_RETURN(const std::string token, tokens_.Token());
  request->headers = {{"Authorization", absl::StrCat("Bearer ", token)},
                      {"X-Snowflake-Authorization-Token-Type", "KEYPAIR_JWT"},
                      {"Accept", "application/json"},
                      {"Content-Type", "application/json"}};
  absl::StatusOr<HttpReply> reply = http_->Send(*request);
  if (reply.ok()) return reply;
  return absl::Status(reply.status().code(), absl::StrCat(Place(config_), ": ", reply.status().message()));
}

// RFC 4122, version 4.
std::string StatementClient::NewRequestId() {
  const uint64_t high = (random_.Next() & ~uint64_t{0xF000}) | 0x4000;
  const uint64_t low = (random_.Next() & ~(uint64_t{3} << 62)) | (uint64_t{1} << 63);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF,
                         low >> 48, low & 0xFFFFFFFFFFFF);
}

absl::Duration StatementClient::Pause(int attempt, const std::string& retry_after) {
  int64_t seconds = 0;
  if (absl::SimpleAtoi(retry_after, &seconds) && seconds > 0) {
    return std::min(absl::Seconds(seconds), kRetryAfterMax);
  }
  const absl::Duration full = std::min(patience_.first * (1 << std::min(attempt, 10)), patience_.most);
  return full * (0.5 + random_.Fraction() / 2);
}

}  // namespace penstock::destinations::snowflake
