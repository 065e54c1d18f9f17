// SPDX-License-Identifier: Apache-2.0
#include "sandbox/http_message.h"

#include "sandbox/page_writer.h"

namespace penstock::sandbox {

constexpr absl::string_view kHtmlPage =
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>";

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

HttpReply Refusal(int status, absl::string_view code, absl::string_view message) {
  HttpReply reply;
  reply.status = status;
  reply.body = ErrorBody(code, message);
  return reply;
}

HttpReply HtmlReply(int status) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/html";
  reply.body = std::string(kHtmlPage);
  return reply;
}

HttpReply TooMany(const std::string& retry_after) {
  HttpReply reply = Refusal(429, "RATE_LIMITED", "Too many requests");
  if (!retry_after.empty()) reply.headers.push_back({"Retry-After", retry_after});
  return reply;
}

HttpReply FromStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return Refusal(410, "GONE", status.message());
    case absl::StatusCode::kUnauthenticated:
      return Refusal(401, "UNAUTHORIZED", status.message());
    case absl::StatusCode::kUnimplemented:
      return Refusal(404, "NOT_FOUND", status.message());
    default:
      return Refusal(400, "BAD_REQUEST", status.message());
  }
}

}  // namespace penstock::sandbox
