// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/endpoint.h"

namespace penstock::sandbox {

// What a sandbox has seen. A plain value.
struct Report {
  struct PerEndpoint {
    uint64_t requests = 0;  // pages and counts, whatever was answered
    uint64_t rows = 0;      // records sent in pages
  };
  std::map<Endpoint, PerEndpoint> endpoints;
  std::map<int, uint64_t> statuses;        // sent, by HTTP status
  std::map<std::string, uint64_t> faults;  // that struck, by name
  uint32_t limit_per_minute = 0;           // 0: none
  uint32_t most_in_60s = 0;  // the largest number of arrivals in any 60 s, refused ones included
  uint64_t limited = 0;      // 429s of the limiter, which are also among the statuses
  uint64_t without_key = 0;  // refused for a missing, wrong or expired key
  uint64_t token_requests = 0;

  uint64_t requests() const;
  uint64_t rows() const;
};

// Stable keys, one object: {"requests":..,"rows":..,"endpoints":{"users":{"requests":..,"rows":..},..},
// "statuses":{"200":..},"sent_429":..,"limit_per_minute":..,"most_in_60s":..,"limited":..,"without_key":..,
// "token_requests":..,"faults":{..}}
std::string ReportJson(const Report& report);
// A few lines of at most 80 columns, for people.
std::string ReportText(const Report& report);

}  // namespace penstock::sandbox
