// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sandbox/query.h"

namespace penstock::sandbox {

// A request as far as the Data API looks at it, free of any HTTP library.
struct HttpRequest {
  std::string method;
  std::string path;  // decoded, without the query
  Parameters parameters;
  std::string host;  // the Host header: next links lead back to the name the client used
  std::string authorization;
  std::string accept_encoding;
  std::string content_type;
  std::string body;
};

// How an answer travels. The defaults: at once and whole.
struct Delivery {
  absl::Duration first_byte;
  absl::Duration body;
  bool reset = false;  // nothing is sent, the connection is reset
  bool cut = false;    // the headers promise the whole body, the connection ends in its middle
  bool drip = false;   // one byte a second
};

struct HttpReply {
  int status = 200;
  std::string content_type = "application/json;odata.metadata=minimal";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Delivery delivery;
};

// {"error": ..} with this status.
HttpReply Refusal(int status, absl::string_view code, absl::string_view message);
// The refusal that fits the error: 400 unless it is NOT_FOUND (410), UNAUTHENTICATED (401) or UNIMPLEMENTED
// (404).
HttpReply FromStatus(const absl::Status& status);
// A page for people, as proxies send it.
HttpReply HtmlReply(int status);
// 429; an empty text leaves Retry-After out.
HttpReply TooMany(const std::string& retry_after);
// "Tue, 31 Mar 2026 12:00:05 GMT"
std::string HttpDate(absl::Time time);

}  // namespace penstock::sandbox
