// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/config.h"
#include "worker/body_decoder.h"
#include "worker/http_transport.h"

namespace penstock::worker {

struct CurlLimits {
  // Name look-up, connection, proxy and TLS together: the D_max of FAULTS 2.
  absl::Duration connect = absl::Seconds(5);
  // From the request to the first byte of the answer.
  absl::Duration first_byte = absl::Seconds(60);
  // Once the answer has begun, min_bytes_per_stall must come in every stretch of this length: ends stalls and
  // trickles.
  absl::Duration stall = absl::Seconds(30);
  size_t min_bytes_per_stall = 4096;
  // The whole request.
  absl::Duration total = absl::Minutes(10);
  size_t max_header_bytes = size_t{256} << 10;
  BodyLimits body;
};

// The network through libcurl, HTTP/1.1. https everywhere; http, and no proxy, only towards loopback.
// Connections are kept for some seconds. As many requests run at a time as threads call Send. `clock` must
// outlive the transport.
std::unique_ptr<HttpTransport> NewCurlTransport(const HttpConfig& config, const CurlLimits& limits,
                                                const Clock& clock);

}  // namespace penstock::worker
