// SPDX-License-Identifier: Apache-2.0
#include "worker/curl_exchange.h"

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"

namespace penstock::worker {

void CurlExchange::Install(CURL* curl) {
  curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, &OnReady);
  curl_easy_setopt(curl, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
}

// curl calls this when the connection stands, right before it writes the request, and again before it would
// write it a second time because a kept connection was dead.
absl::Status CurlExchange::Ready() {
  const absl::Duration now = clock_.Now().boot;
  // A permit is one send: a second one, however well meant, would be one arrival too many at the source.
  if (sends_ > 0) return absl::UnavailableError("a kept connection was dead; trying again may help");
  if (now > send_before_) {
    return absl::DeadlineExceededError(absl::StrCat("the permit ran out ", FormatSpan(now - send_before_),
                                                    " before the connection stood; ask for another permit"));
  }
  ++sends_;
  sent_at_ = now;
  return absl::OkStatus();
}

absl::Status CurlExchange::Header(absl::string_view line) {
  if (!answered_) {
    answered_ = true;
    first_byte_at_ = stretch_began_ = clock_.Now().boot;
  }
  bytes_ += line.size();
  header_bytes_ += line.size();
  if (header_bytes_ > limits_.max_header_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer's headers are larger than ", limits_.max_header_bytes >> 10, " KiB"));
  }
  headers_.Add(line);
  return absl::OkStatus();
}

absl::Status CurlExchange::Body(absl::string_view bytes) {
  bytes_ += bytes.size();
  if (!body_started_) {
    body_started_ = true;
    RETURN_IF_ERROR(body_.Start(FindHeader(headers_.headers(), "content-encoding")));
  }
  return body_.Add(bytes);
}

// curl calls this after every step and at least once a second.
absl::Status CurlExchange::Progress() {
  if (aborted_) return absl::UnavailableError("stopped");
  if (sends_ == 0) return absl::OkStatus();  // connecting has curl's own limit
  const absl::Duration now = clock_.Now().boot;
  if (!answered_) {
    if (now - sent_at_ < limits_.first_byte) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("no byte of an answer came within ",
                                               FormatSpan(limits_.first_byte), "; trying again may help"));
  }
  if (now - stretch_began_ < limits_.stall) return absl::OkStatus();
  if (bytes_ - bytes_before_stretch_ < limits_.min_bytes_per_stall) {
    return absl::UnavailableError(absl::StrCat("the answer stalled: ", bytes_ - bytes_before_stretch_,
                                               " bytes in ", FormatSpan(limits_.stall),
                                               "; trying again may help"));
  }
  stretch_began_ = now;
  bytes_before_stretch_ = bytes_;
  return absl::OkStatus();
}

int CurlExchange::OnReady(void* self, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  exchange.verdict_ = exchange.Ready();
  return exchange.verdict_.ok() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

size_t CurlExchange::OnHeader(char* data, size_t, size_t size, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  exchange.verdict_ = exchange.Header(absl::string_view(data, size));
  return exchange.verdict_.ok() ? size : ~size;
}

size_t CurlExchange::OnBody(char* data, size_t, size_t size, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  exchange.verdict_ = exchange.Body(absl::string_view(data, size));
  return exchange.verdict_.ok() ? size : ~size;
}

int CurlExchange::OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (exchange.verdict_.ok()) exchange.verdict_ = exchange.Progress();
  return exchange.verdict_.ok() ? 0 : 1;
}

}  // namespace penstock::worker
