// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "coordinator/limits.h"
#include "coordinator/order_of_work.h"

namespace penstock::coordinator {

// A request that waits for a permit, or just got one.
struct PermitAsk {
  std::string request_id;
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  uint64_t window = 0;
  uint64_t job = 0;
  Urgency urgency;
  absl::Duration asked;  // boot clock
};
struct GivenPermit {
  uint64_t number = 0;
  absl::Duration given_at;  // boot clock
};

// Who waits for a permit, and what was given lately, so that a repeated request gets the
// same permit. Only requests whose call is open stand in the queue: a permit is never given to a caller that
// went away. Not durable: after a restart the askers ask again.
//
// The order in line: the more urgent first, but a backfill that waits keeps its share; of equal urgency the job
// and endpoint that were served longest ago; then by arrival.
//
// The share is kept with credit: a permit that a backfill gets pays for those that go past it later, so a round of
// a sync meets no backfill until a longer time's share is used up (kBackfillCreditMax); from then on every n-th
// permit is the backfill's.
class PermitDesk {
 public:
  // A backfill's share of the permits that it and others wait for, above 0 and below 1; kBackfillShare when
  // nobody says.
  void KeepShare(uint32_t source, double share) { served_[source].share = share; }

  void Join(const PermitAsk& ask);
  void Leave(const std::string& request_id);
  void Give(const std::string& request_id, uint64_t number, absl::Duration now);
  const GivenPermit* Given(const std::string& request_id) const;

  // Best first.
  std::vector<PermitAsk> Waiting(uint32_t source) const;
  // How many stand before it; 0 when it does not wait.
  uint32_t Ahead(const PermitAsk& ask) const;

 private:
  struct Served {
    void Count(const PermitAsk& ask, bool backfill_waits);

    double share = kBackfillShare;
    double credit = 1 / kBackfillShare - 1;                  // permits that may yet go past a backfill
    uint64_t permits = 0;                                    // given so far
    std::map<std::pair<uint64_t, Endpoint>, uint64_t> last;  // by job and endpoint
  };
  std::map<uint32_t, std::deque<PermitAsk>> waiting_;  // by arrival
  std::map<uint32_t, Served> served_;
  absl::flat_hash_map<std::string, GivenPermit> given_;
  std::deque<std::pair<absl::Duration, std::string>> given_order_;
};

}  // namespace penstock::coordinator
