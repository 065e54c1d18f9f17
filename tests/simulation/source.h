// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "sandbox/limiter.h"
#include "sandbox/query.h"
#include "tests/simulation/process.h"
#include "tests/simulation/tenant.h"

namespace penstock::simulation {

inline constexpr char kSourceUrl[] = "https://api.example.com/export/v1/records";

// The Data API, lean: filters, orders, counts, pages and next links over the tenant's rows, behind the
// strictest limiter (at most N arrivals in any closed 60 s of its own clock).
//
// Fault model: refusals (401, 403, 410, 429 in all spellings, 5xx, redirects), bodies that are no page (HTML,
// empty, errors with 200, no `value`), pages that mislead (empty with a next link, the last link missing,
// links that are relative, misspelt, foreign or circular), odd records (without an id, repeated in a newer or
// an older version), counts that are refused. Every answer has a Date. Each fault is drawn for each answer.
class Source {
 public:
  struct Answer {
    int status = 200;
    std::map<std::string, std::string> headers;
    std::string body;
    bool key_works = true;  // after a 401: asking again may work
  };

  Source(World& world, SimClock& clock, uint32_t per_minute, uint32_t page_size)
      : world_(world), clock_(clock), limiter_(per_minute), page_size_(page_size) {}

  Answer OnArrival(uint64_t permit, const std::string& url);

  Tenant& tenant() { return tenant_; }
  const Tenant& tenant() const { return tenant_; }
  absl::Time Now() const { return clock_.Now().wall; }
  // Since the start: chains whose last link was left out, so that rows are missing although all looks well.
  // Only a count can tell.
  uint64_t links_left_out() const { return links_left_out_; }
  void SetAway(absl::Duration until) { away_until_ = until; }
  bool away() const { return away_until_ > world_.queue.now(); }
  uint32_t peak() const { return limiter_.peak(); }

 private:
  struct Chain {
    Endpoint endpoint = Endpoint::kUsers;
    sandbox::Query query;
    Tenant::Key after;
    uint32_t empties = 0;
  };

  bool Refuses(Answer& answer, Endpoint endpoint, bool link);
  void Serve(uint64_t permit, Endpoint endpoint, const sandbox::Query& query, const Chain* chain,
             uint64_t serial, Answer& answer);
  static bool Matches(const Tenant::Row& row, const std::vector<sandbox::Condition>& filter);
  uint64_t Count(Endpoint endpoint, const std::vector<sandbox::Condition>& filter) const;
  std::string NextLink(Endpoint endpoint, uint64_t serial, uint64_t here);

  World& world_;
  SimClock& clock_;
  sandbox::SlidingLimiter limiter_;
  const uint32_t page_size_;
  Tenant tenant_;
  std::vector<Chain> chains_;  // by the number in their skip token
  std::set<Endpoint> refused_;
  uint64_t links_left_out_ = 0;
  absl::Duration away_until_;
};

}  // namespace penstock::simulation
