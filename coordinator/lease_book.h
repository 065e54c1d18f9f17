// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// A right to work until a deadline. What is leased is either a window or a destination's load.
struct Lease {
  v1::LeaseToken token;
  std::string worker;
  absl::Duration deadline;  // boot clock; at this moment it has expired
  uint64_t window = 0;      // 0: a load
  uint32_t source = 0;
  std::string destination;  // loads only
  v1::LoadKind kind = v1::CATCH_UP;
  uint64_t head = 0;    // loads only: the number of the last change when it was granted
  std::string trouble;  // what its worker fails with, for people
  bool local_trouble = false;
};

// The deadlines of the leases that are out. Not durable: a window's token is in its record, and after a
// restart of the coordinator each leased window gets a fresh deadline, so that its worker can go on.
class LeaseBook {
 public:
  explicit LeaseBook(uint64_t epoch) : epoch_(epoch) {}

  // Greater than every token before it, over all restarts (the store's epoch grows).
  v1::LeaseToken NextToken();

  void Grant(Lease lease);
  void Renew(const v1::HeldLease& held, absl::Duration deadline);
  void End(uint64_t epoch, uint64_t counter);

  // Null when it was never granted, has ended, or has expired.
  const Lease* Find(const v1::LeaseToken& token, absl::Duration now) const;
  const Lease* FindWindow(uint64_t window) const;
  const Lease* FindLoad(uint32_t source, const std::string& destination) const;
  std::vector<Lease> Expired(absl::Duration now) const;
  std::vector<Lease> OfWorker(const std::string& worker) const;
  const std::map<std::pair<uint64_t, uint64_t>, Lease>& all() const { return leases_; }

 private:
  const uint64_t epoch_;
  uint64_t last_counter_ = 0;
  std::map<std::pair<uint64_t, uint64_t>, Lease> leases_;  // by (epoch, counter)
};

}  // namespace penstock::coordinator
