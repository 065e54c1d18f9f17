// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "worker/body_decoder.h"
#include "worker/curl_transport.h"
#include "worker/http_headers.h"

namespace penstock::worker {

// One request as curl's callbacks see it: watches when it is sent and answered, gathers the answer, and ends
// the transfer when a limit is passed. Lives on the stack of Send; one thread.
class CurlExchange {
 public:
  CurlExchange(absl::Duration send_before, const CurlLimits& limits, const Clock& clock,
               const std::atomic<bool>& aborted)
      : send_before_(send_before), limits_(limits), clock_(clock), aborted_(aborted), body_(limits.body) {}

  // Hooks this exchange into `curl`; it must outlive the transfer.
  void Install(CURL* curl);

  // Why a callback ended the transfer; OK when none did.
  const absl::Status& verdict() const { return verdict_; }
  // How often curl began to write the request: more than once when it found a kept connection dead. 0 is the
  // proof that no byte of it was written.
  uint32_t sends() const { return sends_; }
  bool answered() const { return answered_; }
  absl::Duration first_byte_at() const { return first_byte_at_; }
  absl::Duration time_to_first_byte() const { return first_byte_at_ - sent_at_; }
  const HttpHeaders& headers() const { return headers_.headers(); }
  BodyDecoder& body() { return body_; }

 private:
  static int OnReady(void* self, char*, char*, int, int);
  static size_t OnHeader(char* data, size_t one, size_t size, void* self);
  static size_t OnBody(char* data, size_t one, size_t size, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  absl::Status Ready();
  absl::Status Header(absl::string_view line);
  absl::Status Body(absl::string_view bytes);
  absl::Status Progress();

  const absl::Duration send_before_;
  const CurlLimits& limits_;
  const Clock& clock_;
  const std::atomic<bool>& aborted_;
  BodyDecoder body_;
  HeaderReader headers_;
  absl::Status verdict_;
  uint32_t sends_ = 0;
  bool answered_ = false;
  bool body_started_ = false;
  absl::Duration sent_at_;
  absl::Duration first_byte_at_;
  size_t header_bytes_ = 0;
  size_t bytes_ = 0;  // headers and body as received
  absl::Duration stretch_began_;
  size_t bytes_before_stretch_ = 0;
};

}  // namespace penstock::worker
