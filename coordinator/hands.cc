// SPDX-License-Identifier: Apache-2.0
#include "coordinator/hands.h"

#include <algorithm>

#include "coordinator/limits.h"
#include "coordinator/order_of_work.h"

namespace penstock::coordinator {

uint32_t CapacityOf(Core& core, uint32_t source, const Moment& now) {
  const std::string& name = core.state().sources().at(source).name();
  uint32_t capacity = 0;
  for (const auto& [id, seen] : core.workers()) {
    if (seen.at < now.boot - kHandsFor || seen.request.draining()) continue;
    const auto& sources = seen.request.sources();
    const bool serves = std::any_of(sources.begin(), sources.end(),
                                    [&](const auto& credentials) { return credentials.source() == name; });
    if (serves) capacity += seen.request.fetch_capacity();
  }
  return capacity;
}

Hands HandsOf(Core& core, uint32_t source, const Moment& now) {
  const OpenWork work = OpenWorkOf(core.state(), source, now.wall);
  const uint32_t capacity = CapacityOf(core, source, now);
  const uint32_t limit = core.state().BudgetOf(source).CurrentLimit(now);
  Hands hands;
  hands.wanted = std::max(1u, std::min(capacity, core.pace(source).ChainsWanted(limit)));
  const uint32_t busy = work.leased + work.pending;
  hands.idle = hands.wanted > busy ? hands.wanted - busy : 0;
  if (work.leased >= capacity) hands.waits = work.most_urgent;
  hands.records_left = work.records_left;
  return hands;
}

}  // namespace penstock::coordinator
