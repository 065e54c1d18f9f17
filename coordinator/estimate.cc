// SPDX-License-Identifier: Apache-2.0
#include "coordinator/estimate.h"

#include <algorithm>

#include "base/endpoint.h"
#include "coordinator/limits.h"

namespace penstock::coordinator {
namespace {

uint64_t Pages(const EndpointEstimate& endpoint) {
  const uint64_t rows = endpoint.rows.value_or(0);
  return std::max<uint64_t>(1, (rows + endpoint.page_records - 1) / endpoint.page_records);
}

constexpr uint64_t kBesidePages = 3;  // probe, closing pass, confirmation

// Each in turn gets its share of the rate until the one with the least left is finished.
void ShareTime(std::vector<EndpointEstimate>& endpoints, const EstimateTerms& terms) {
  std::vector<double> left;
  for (const EndpointEstimate& endpoint : endpoints) left.push_back(static_cast<double>(endpoint.requests));
  absl::Duration now;
  while (true) {
    std::vector<size_t> active;
    for (size_t i = 0; i < left.size(); ++i) {
      if (left[i] > 0) active.push_back(i);
    }
    if (active.empty()) return;
    const double rate = 1 / absl::ToDoubleSeconds(terms.per_request);
    const double users_rate = 1 / absl::ToDoubleSeconds(terms.per_users_request);
    double given = 0;
    size_t others = active.size();
    std::vector<double> rates(left.size(), 0);
    for (size_t i : active) {
      if (endpoints[i].endpoint != static_cast<int>(Endpoint::kUsers)) continue;
      rates[i] = given = std::min(users_rate, rate / static_cast<double>(active.size()));
      --others;
    }
    for (size_t i : active) {
      if (rates[i] == 0) rates[i] = (rate - given) / static_cast<double>(others);
    }
    double step = left[active[0]] / rates[active[0]];
    for (size_t i : active) step = std::min(step, left[i] / rates[i]);
    now += absl::Seconds(step);
    for (size_t i : active) {
      left[i] -= rates[i] * step;
      if (left[i] > 1e-6) continue;
      left[i] = 0;
      endpoints[i].takes = now;
    }
  }
}

}  // namespace

void Estimate(std::vector<EndpointEstimate>& endpoints, const EstimateTerms& terms) {
  uint64_t all_pages = 0;
  uint32_t open = 0;
  for (EndpointEstimate& endpoint : endpoints) {
    endpoint.windows = endpoint.tail ? 2 : 1;
    endpoint.requests = Pages(endpoint) + (endpoint.tail ? 1 : 0) + kBesidePages;
    all_pages += Pages(endpoint);
    ++open;
  }
  for (EndpointEstimate& endpoint : endpoints) {
    if (endpoint.endpoint == static_cast<int>(Endpoint::kUsers)) continue;
    // At the end the largest endpoint is left alone and feeds all the hands.
    const double share = static_cast<double>(Pages(endpoint)) / static_cast<double>(all_pages);
    const auto hands = static_cast<uint64_t>(share * terms.chains + 0.5);
    const uint64_t most = Pages(endpoint) / kPartPagesMin;
    const auto extra = static_cast<uint32_t>(std::min(hands > 0 ? hands - 1 : 0, most));
    endpoint.windows += extra;
    endpoint.requests += extra + (extra + 1) / 2;
  }
  ShareTime(endpoints, terms);
}

}  // namespace penstock::coordinator
