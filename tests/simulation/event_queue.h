// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace penstock::simulation {

// Virtual time and what happens next in it. Time moves only from event to event; events of one moment happen
// in the order in which they were put in. One thread.
class EventQueue {
 public:
  using Event = std::function<void()>;

  // Since the simulation began, on a clock that nobody in it can see.
  absl::Duration now() const { return now_; }
  uint64_t events() const { return events_; }

  void After(absl::Duration delay, Event event) {
    heap_.push_back({now_ + std::max(delay, absl::ZeroDuration()), next_++, std::move(event)});
    std::push_heap(heap_.begin(), heap_.end());
  }

  // False, and nothing happens, when the next event lies behind `until`; time then stands at `until`.
  bool RunNext(absl::Duration until) {
    if (heap_.empty() || heap_.front().at > until) {
      now_ = std::max(now_, until);
      return false;
    }
    std::pop_heap(heap_.begin(), heap_.end());
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    now_ = entry.at;
    ++events_;
    entry.event();
    return true;
  }

 private:
  struct Entry {
    absl::Duration at;
    uint64_t order;
    Event event;
    // The heap's top is the earliest.
    bool operator<(const Entry& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  std::vector<Entry> heap_;
  absl::Duration now_;
  uint64_t next_ = 0;
  uint64_t events_ = 0;
};

}  // namespace penstock::simulation
