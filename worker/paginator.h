// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

// The URL of a window's first page: `base_url`/ENDPOINT?$filter=..&$orderby=.., percent-encoded. Bounds
// are half-open and stand as UTC stamps with three decimals. Without bounds there is no $filter. Never $top:
// it would cap the whole result (DATA_API 4). An order that is not named is id desc.
std::string FirstPageUrl(absl::string_view base_url, Endpoint endpoint, v1::WindowAxis axis,
                         std::optional<absl::Time> from, std::optional<absl::Time> to, v1::PageOrder order,
                         bool with_count);
// How many records the window has: `base_url`/ENDPOINT/$count?$filter=..; `created_from` is one condition more.
std::string CountUrl(absl::string_view base_url, Endpoint endpoint, v1::WindowAxis axis,
                     std::optional<absl::Time> from, std::optional<absl::Time> to,
                     std::optional<absl::Time> created_from);

// The absolute URL that a next link stands for, its query untouched, after the guard: scheme, host and port
// of `base_url`, a path below /export/ (or below the base's own path), no user, fragment, backslash, control
// character or dot segment (FAULTS 4). Relative links are resolved against `request_url` first.
// PERMISSION_DENIED says where the link points; no byte may be sent there.
absl::StatusOr<std::string> ResolveNextLink(absl::string_view base_url, absl::string_view request_url,
                                            absl::string_view next_link);

}  // namespace penstock::worker
