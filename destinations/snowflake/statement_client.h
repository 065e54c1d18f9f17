// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/random.h"
#include "destinations/snowflake/answer.h"
#include "destinations/snowflake/http_client.h"
#include "destinations/snowflake/token.h"

namespace penstock::destinations::snowflake {

// What Snowflake asks statements to stay within, their values included:
// https://docs.snowflake.com/en/user-guide/query-size-limits
inline constexpr size_t kMaxRequest = 1'000'000;

using Rows = std::vector<std::vector<std::optional<std::string>>>;

// How long an answer is asked for again.
struct Patience {
  absl::Duration first = absl::Seconds(1);  // between two attempts; doubled each time, with jitter
  absl::Duration most = absl::Seconds(30);
  absl::Duration lost = absl::Seconds(30);     // the server is away or busy
  absl::Duration running = absl::Minutes(30);  // it works on the statement; then this is cancelled
};

// Runs statements through the SQL API, one at a time. A lost answer is asked for again under the same requestId, and
// the server runs a requestId once: so a statement was done when this returns OK, was not done when it returns another
// Status than UNAVAILABLE, and of UNAVAILABLE nobody knows. Every error is a Status of destination.h's kinds
// (server_error.h).
class StatementClient {
 public:
  StatementClient(SnowflakeConfig config, std::unique_ptr<HttpClient> http, const Clock& clock,
                  Random& random, Patience patience = {});

  // One statement; `texts` are bound to its question marks.
  absl::StatusOr<Rows> Execute(absl::string_view statement, const std::vector<std::string>& texts = {});
  // One statement whose rows are handed to `visit` part by part, as the server cuts them. It ends, cancelled there,
  // with what `keep_on`, asked between two looks at it, or `visit` says, or after `time`.
  using KeepOn = std::function<absl::Status()>;
  absl::Status Read(absl::string_view statement, absl::Duration time, const KeepOn& keep_on,
                    const std::function<absl::Status(Rows)>& visit);
  // Several, in one request and so in one session: BEGIN .. COMMIT. When one fails, the rest is not run and what was
  // begun is rolled back. Their handles, for ReadResult.
  absl::StatusOr<std::vector<std::string>> ExecuteAll(const std::vector<std::string>& statements);
  // What one of them gave.
  absl::StatusOr<Rows> ReadResult(const std::string& handle);

  // The body that Execute sends: to know its size.
  std::string Body(absl::string_view statement, const std::vector<std::string>& texts, size_t count) const;
  uint64_t statements() const { return statements_; }

 private:
  absl::StatusOr<Answer> Submit(const std::string& body, const KeepOn& keep_on = nullptr);
  absl::StatusOr<Answer> Await(const std::string& handle, const KeepOn& keep_on = nullptr);
  void Cancel(const std::string& handle);
  absl::StatusOr<Rows> AllRows(Answer answer);
  absl::Status VisitRows(Answer answer, const std::function<absl::Status(Rows)>& visit);
  // Until the server says something that waiting does not change.
  absl::StatusOr<Answer> Ask(HttpRequest request, int* http);
  absl::StatusOr<HttpReply> SendOnce(HttpRequest* request);
  std::string NewRequestId();
  absl::Duration Pause(int attempt, const std::string& retry_after);

  const SnowflakeConfig config_;
  const std::unique_ptr<HttpClient> http_;
  const Clock& clock_;
  Random& random_;
  const Patience patience_;
  TokenSource tokens_;
  uint64_t statements_ = 0;
};

}  // namespace penstock::destinations::snowflake
