// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace penstock::coordinator {

// What reading an endpoint will cost, from one count of it. Pure.
struct EndpointEstimate {
  int endpoint = 0;
  std::optional<uint64_t> rows;  // empty: the source cannot count
  uint64_t page_records = 500;
  bool tail = false;  // a window of its own for what the source forgets first

  uint64_t requests = 0;
  uint32_t windows = 0;
  absl::Duration takes;  // until it is finished, beside the others
};

struct EstimateTerms {
  absl::Duration per_request;        // of the whole source
  absl::Duration per_users_request;  // users have a limit of their own
  uint32_t chains = 1;               // that run at once
};

// Fills in requests, windows and times. Requests: the pages, and per endpoint a probe, a closing pass and a
// confirmation; per cut a confirmation and, on average, half a page. All endpoints share the budget evenly
// until the smaller ones are finished.
void Estimate(std::vector<EndpointEstimate>& endpoints, const EstimateTerms& terms);

}  // namespace penstock::coordinator
