// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "worker/http_headers.h"

namespace penstock::worker {

// How long a 429 or 503 asks us to wait. Never negative, not clamped: the coordinator clamps. Empty when no
// header says anything that can be read. `received` stands in for a missing Date header. In this order:
//
//   Retry-After: 30                                   seconds
//   Retry-After: Sun, 06 Nov 1994 08:49:37 GMT        minus the response's Date; in the past: 0
//   RateLimit: "default";r=0;t=30                     the longest t of the policies with r=0 (draft of 2025-09)
//   RateLimit-Reset, X-RateLimit-Reset: 30            seconds, or an epoch when over 1e9
std::optional<absl::Duration> ParseRetryAfter(const HttpHeaders& headers, absl::Time received);

// The three forms that RFC 9110 5.6.7 obliges a client to accept, in the years 1970 to 9999. Empty for anything
// else.
std::optional<absl::Time> ParseHttpDate(absl::string_view text);

// The response's Date. Empty: missing or unreadable.
std::optional<absl::Time> ServerDate(const HttpHeaders& headers);

}  // namespace penstock::worker
