// SPDX-License-Identifier: Apache-2.0
#include "coordinator/lease_book.h"

#include "base/status_macros.h"

namespace penstock::coordinator {

v1::LeaseToken LeaseBook::NextToken() {
  v1::LeaseToken token;
  token.set_epoch(epoch_);
  token.set_counter(++last_counter_);
  return token;
}

void LeaseBook::Grant(Lease lease) {
  const std::pair key(lease.token.epoch(), lease.token.counter());
  CHECK(leases_.emplace(key, std::move(lease)).second);
}

void LeaseBook::Renew(const v1::HeldLease& held, absl::Duration deadline) {
  auto it = leases_.find({held.token().epoch(), held.token().counter()});
  CHECK(it != leases_.end());
  it->second.deadline = deadline;
  it->second.trouble = held.trouble();
  it->second.local_trouble = held.local_trouble();
}

void LeaseBook::End(uint64_t epoch, uint64_t counter) { leases_.erase({epoch, counter}); }

const Lease* LeaseBook::Find(const v1::LeaseToken& token, absl::Duration now) const {
  auto it = leases_.find({token.epoch(), token.counter()});
  if (it == leases_.end() || it->second.deadline <= now) return nullptr;
  return &it->second;
}

const Lease* LeaseBook::FindWindow(uint64_t window) const {
  for (const auto& [key, lease] : leases_) {
    if (lease.window == window && window != 0) return &lease;
  }
  return nullptr;
}

const Lease* LeaseBook::FindLoad(uint32_t source, const std::string& destination) const {
  for (const auto& [key, lease] : leases_) {
    if (lease.window == 0 && lease.source == source && lease.destination == destination) return &lease;
  }
  return nullptr;
}

std::vector<Lease> LeaseBook::Expired(absl::Duration now) const {
  std::vector<Lease> expired;
  for (const auto& [key, lease] : leases_) {
    if (lease.deadline <= now) expired.push_back(lease);
  }
  return expired;
}

std::vector<Lease> LeaseBook::OfWorker(const std::string& worker) const {
  std::vector<Lease> held;
  for (const auto& [key, lease] : leases_) {
    if (lease.worker == worker) held.push_back(lease);
  }
  return held;
}

}  // namespace penstock::coordinator
