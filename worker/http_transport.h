// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

struct HttpRequest {
  std::string url;
  std::map<std::string, std::string> headers;
  std::string post_body;  // empty: GET
  // On Clock's boot axis: after this moment nothing may be written to the socket any more.
  absl::Duration send_before = absl::InfiniteDuration();
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last of equal names
  std::string body;                            // decompressed
};

// What became of one request.
struct HttpResult {
  // OK: `response` is whole. Otherwise what failed, with a next step for people:
  //   UNAVAILABLE         connect, reset, time-out, cut body: try again
  //   DEADLINE_EXCEEDED   send_before had passed: nothing was sent
  //   RESOURCE_EXHAUSTED  the body passed the cap on size or on compression ratio, or the headers theirs
  //   FAILED_PRECONDITION the body has a Content-Encoding that was not offered: asking again will not mend it
  //   INVALID_ARGUMENT    the request itself is odd (URL, line ends in a header, plain http): nothing was
  //   sent UNAUTHENTICATED     the server's certificate was refused
  absl::Status status;
  // ANSWERED as soon as one byte came back, whatever happened then.
  v1::PermitFate fate = v1::PERMIT_FATE_UNSPECIFIED;
  // Status line and headers are valid when ANSWERED, the body only when `status` is OK.
  HttpResponse response;
  absl::Duration first_byte_at;       // boot axis; ANSWERED only
  absl::Duration time_to_first_byte;  // ANSWERED only
};

// The seam to the network. Never follows a redirect, never retries knowingly, blocks until the end.
// Thread-safe.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual HttpResult Send(const HttpRequest& request) = 0;
  // From now on every request, those under way too, ends within about a second with UNAVAILABLE.
  virtual void Abort() = 0;
};

}  // namespace penstock::worker
