// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/time/time.h"
#include "base/endpoint.h"
#include "base/random.h"

namespace penstock {

// A source as it looks from a plan's distance: only when records were created, and how many. Newest first, so
// that a record's place in its endpoint is its id.
class Tenant {
 public:
  // Conversations with 29 records each (DATA_API 6: 1 conversation, 4 interactions, 3 plugin-calls, 21
  // plugin-resources), busy on weekdays from 8 to 18 h UTC, quiet at night and on weekends.
  static Tenant Busy(absl::Time now, int days, uint64_t records, uint64_t seed);
  // The same number of conversations in `bursts` weeks of a year.
  static Tenant Sparse(absl::Time now, uint64_t records, int bursts, uint64_t seed);

  const std::vector<absl::Time>& Created(Endpoint endpoint) const;
  uint64_t users() const { return users_; }
  uint64_t Records(Endpoint endpoint) const;
  // How many records of the endpoint were created in [from, to), and the place of the newest.
  struct Slice {
    uint64_t first = 0;
    uint64_t records = 0;
  };
  Slice Between(Endpoint endpoint, absl::Time from, absl::Time to) const;

 private:
  void Fill(const std::vector<absl::Time>& conversations, Random& random);

  std::map<Endpoint, std::vector<absl::Time>> created_;
  uint64_t users_ = 0;
};

}  // namespace penstock
