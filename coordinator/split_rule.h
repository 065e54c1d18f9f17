// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/order_of_work.h"
#include "coordinator/pace.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// Who could read now, and how much there is to read. Of one source.
struct Hands {
  uint32_t wanted = 1;  // chains at once: what the latency needs, as far as workers have hands
  uint32_t idle = 0;    // of these, without a window to read
  // The most urgent window that waits, when no hand is free for it.
  std::optional<Urgency> waits;
  double records_left = 0;  // of all open windows
};

// How many records a window still has to bring, as far as is known; `horizon`: older ones are forgotten.
double RecordsLeft(const storage::WindowRecord& window, absl::Time horizon);

// A running window after a page, next link in hand: into how many windows what is left of it is divided. 1: it
// goes on as it is. So many that every hand gets about the same share of all that is left, but never more than
// there are idle hands for, nor so small that the about two requests which a cut costs are not worth it.
uint32_t PartsOf(double records_left, uint64_t page_records, const Hands& hands);

// Where the remainder [from, top) is cut into `parts` of about equal size, newest first: parts - 1 instants or
// fewer. By the density that the chain has shown so far, but not beyond what the source still keeps. The last
// part holds whatever lies below.
std::vector<absl::Time> CutsOf(const storage::WindowRecord& window, absl::Time top, double records_left,
                               uint32_t parts, absl::Time horizon);

}  // namespace penstock::coordinator
