// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "metrics/relation.h"

namespace penstock::metrics {

enum class By { kTotal, kDay, kWeek, kMonth };

// One local day of the frame; the first and the last may be cut.
struct FrameDay {
  std::string date;    // "2026-03-29"
  std::string week;    // its ISO week's Monday
  std::string period;  // the one it belongs to, named by its first day; of By::kTotal: "total"
  int64_t from_ms = 0;
  int64_t to_ms = 0;  // excluded
};

struct Period {
  std::string name;
  int64_t from_ms = 0;
  int64_t to_ms = 0;
};

// R2: the half-open time [from, to) in local days of a time zone, cut into periods. A day may have 23 or 25 hours.
struct Frame {
  std::string zone;
  By by = By::kTotal;
  absl::Time from;
  absl::Time to;
  std::vector<FrameDay> days;
  std::vector<Period> periods;  // in order, then the total
};

inline constexpr char kTotal[] = "total";
inline constexpr int kMaxFrameDays = 3'700;

// "day", "week", "month"; empty is kTotal.
absl::StatusOr<By> ParseBy(absl::string_view text);

// INVALID_ARGUMENT names the nearest of the common ones.
absl::StatusOr<absl::TimeZone> FindZone(absl::string_view name);

// `from` and `to`: YYYY-MM-DD, a local day, or RFC 3339. `zone`: an IANA name. INVALID_ARGUMENT names the wrong word
// and what is valid.
absl::StatusOr<Frame> MakeFrame(absl::string_view from, absl::string_view to, absl::string_view zone, By by);

// As relations: frame(utc_day, local_day, local_week, period, from_ms, to_ms), a row for each UTC day that a local day
// touches, once for its period and once for the total, so that everything is computed for the total as for a period;
// and span(period, from_ms, to_ms).
std::vector<Relation> FrameRelations(const Frame& frame);

}  // namespace penstock::metrics
