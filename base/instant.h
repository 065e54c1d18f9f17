// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock {

// Reads a timestamp of the Data API: RFC 3339 with 0 to 9 fractional digits and `Z` or an offset. Empty when
// it is anything else (also outside years 1 to 9999): such a stamp counts as older than any other.
std::optional<absl::Time> ParseStamp(absl::string_view text);

// For the wire: UTC, exactly three decimals, `Z`, because the server may compare stamps as strings (DATA_API
// 3). Finer fractions are cut off downwards, so a lower bound never loses a row.
std::string FormatStamp(absl::Time time);

// For destinations: like FormatStamp, but keeps finer fractions where there are any (3, 6 or 9 digits).
std::string FormatExactStamp(absl::Time time);

// What people type: YYYY-MM-DD (midnight UTC) or RFC 3339. INVALID_ARGUMENT names the word.
absl::StatusOr<absl::Time> ParseDate(absl::string_view text);

// "2026-03-18", UTC.
std::string FormatDay(absl::Time time);
// "2026-03-18 06:02", UTC.
std::string FormatMinute(absl::Time time);

// Days since 1970-01-01 UTC, rounded down.
int64_t DayNumber(absl::Time time);
absl::Time DayStart(int64_t day_number);

// "45 s", "12 min", "3 h 20 min", "9 days": for people.
std::string FormatSpan(absl::Duration duration);
// "30s", "15m", "48h", "30d"; at most 2^31 of a unit. INVALID_ARGUMENT names the word.
absl::StatusOr<absl::Duration> ParseSpan(absl::string_view text);

}  // namespace penstock
