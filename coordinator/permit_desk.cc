// SPDX-License-Identifier: Apache-2.0
#include "coordinator/permit_desk.h"

#include <algorithm>
#include <tuple>

namespace penstock::coordinator {
namespace {

// Longer than any call that could repeat a request.
constexpr absl::Duration kRemember = absl::Minutes(1);

bool IsBackfill(const PermitAsk& ask) { return ask.urgency.work >= WorkClass::kBackfill; }

}  // namespace

void PermitDesk::Served::Count(const PermitAsk& ask, bool backfill_waits) {
  last[{ask.job, ask.endpoint}] = ++permits;
  if (IsBackfill(ask)) {
    credit = std::min(credit + 1 / share - 1, kBackfillCreditMax);
  } else if (backfill_waits) {
    credit -= 1;
  }
}

void PermitDesk::Join(const PermitAsk& ask) {
  std::deque<PermitAsk>& queue = waiting_[ask.source];
  const bool known = std::any_of(queue.begin(), queue.end(),
                                 [&](const PermitAsk& other) { return other.request_id == ask.request_id; });
  if (!known) queue.push_back(ask);
}

void PermitDesk::Leave(const std::string& request_id) {
  for (auto& [source, queue] : waiting_) {
    std::erase_if(queue, [&](const PermitAsk& ask) { return ask.request_id == request_id; });
  }
}

void PermitDesk::Give(const std::string& request_id, uint64_t number, absl::Duration now) {
  for (const auto& [source, queue] : waiting_) {
    const bool backfill_waits = std::any_of(queue.begin(), queue.end(), IsBackfill);
    for (const PermitAsk& ask : queue) {
      if (ask.request_id == request_id) served_[source].Count(ask, backfill_waits);
    }
  }
  Leave(request_id);
  while (!given_order_.empty() && given_order_.front().first < now - kRemember) {
    given_.erase(given_order_.front().second);
    given_order_.pop_front();
  }
  given_[request_id] = {number, now};
  given_order_.emplace_back(now, request_id);
}

const GivenPermit* PermitDesk::Given(const std::string& request_id) const {
  auto it = given_.find(request_id);
  return it == given_.end() ? nullptr : &it->second;
}

std::vector<PermitAsk> PermitDesk::Waiting(uint32_t source) const {
  auto it = waiting_.find(source);
  if (it == waiting_.end()) return {};
  std::vector<PermitAsk> line(it->second.begin(), it->second.end());
  const auto known = served_.find(source);
  const Served served = known == served_.end() ? Served() : known->second;
  const auto rank = [&](const PermitAsk& ask) {
    const bool lifted = served.credit < 1 && IsBackfill(ask);
    const auto last = served.last.find({ask.job, ask.endpoint});
    return std::make_tuple(!lifted, ask.urgency, last == served.last.end() ? 0 : last->second);
  };
  std::stable_sort(line.begin(), line.end(),
                   [&](const PermitAsk& a, const PermitAsk& b) { return rank(a) < rank(b); });
  return line;
}

uint32_t PermitDesk::Ahead(const PermitAsk& ask) const {
  uint32_t ahead = 0;
  for (const PermitAsk& other : Waiting(ask.source)) {
    if (other.request_id == ask.request_id) return ahead;
    ++ahead;
  }
  return 0;
}

}  // namespace penstock::coordinator
