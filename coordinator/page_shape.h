// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// The order of created_time in one page. Records without a readable one say nothing.
struct PageShape {
  uint32_t dated = 0;                // records with a created_time
  bool descending = true;            // by created_time, within the page
  std::optional<absl::Time> newest;  // created_time of the first and the last record
  std::optional<absl::Time> oldest;
  uint32_t in_oldest_ms = 0;  // records that share the millisecond of `oldest`
};

PageShape ShapeOf(const std::vector<v1::Row>& rows);

// The greatest readable last_updated_time that is not after `limit`.
std::optional<absl::Time> NewestStamp(const std::vector<v1::Row>& rows, absl::Time limit);

// The wire knows whole milliseconds.
absl::Time FloorMs(absl::Time time);

}  // namespace penstock::coordinator
