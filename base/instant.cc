// SPDX-License-Identifier: Apache-2.0
#include "base/instant.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace penstock {
namespace {

bool IsDigits(absl::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

// The shape only; whether the day exists is left to absl::ParseTime.
bool LooksLikeRfc3339(absl::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return false;
  }
  for (size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u, 11u, 12u, 14u, 15u, 17u, 18u}) {
    if (!absl::ascii_isdigit(text[i])) return false;
  }
  absl::string_view rest = text.substr(19);
  if (rest[0] == '.') {
    size_t digits = 1;
    while (digits < rest.size() && absl::ascii_isdigit(rest[digits])) ++digits;
    if (digits == 1 || digits > 10) return false;
    rest.remove_prefix(digits);
  }
  if (rest == "Z") return true;
  return rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && IsDigits(rest.substr(1, 2)) &&
         rest[3] == ':' && IsDigits(rest.substr(4, 2));
}

// Functions, not globals: other files read stamps before main.
absl::Time FirstTime() { return absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone()); }
absl::Time EndOfTime() { return absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone()); }

}  // namespace

std::optional<absl::Time> ParseStamp(absl::string_view text) {
  if (!LooksLikeRfc3339(text)) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return std::nullopt;
  if (time < FirstTime() || time >= EndOfTime()) return std::nullopt;
  return time;
}

std::string FormatStamp(absl::Time time) {
  // %E3S cuts towards the past, which is what a lower bound needs.
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string FormatExactStamp(absl::Time time) {
  const char* format = "%E4Y-%m-%dT%H:%M:%E9SZ";
  const absl::Duration sub_second = time - absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  const int64_t sub_nanos = absl::ToInt64Nanoseconds(sub_second);
  if (sub_nanos % 1000000 == 0) {
    format = "%E4Y-%m-%dT%H:%M:%E3SZ";
  } else if (sub_nanos % 1000 == 0) {
    format = "%E4Y-%m-%dT%H:%M:%E6SZ";
  }
  return absl::FormatTime(format, time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseDate(absl::string_view text) {
  if (text.size() == 10) {
    if (std::optional<absl::Time> midnight = ParseStamp(absl::StrCat(text, "T00:00:00Z"))) {
      return *midnight;
    }
  } else if (std::optional<absl::Time> time = ParseStamp(text)) {
    return *time;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text, "' is not a date; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, for example 2026-03-18"));
}

std::string FormatDay(absl::Time time) { return absl::FormatTime("%E4Y-%m-%d", time, absl::UTCTimeZone()); }

std::string FormatMinute(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M", time, absl::UTCTimeZone());
}

int64_t DayNumber(absl::Time time) {
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  return day - absl::CivilDay(1970, 1, 1);
}

absl::Time DayStart(int64_t day_number) {
  return absl::FromCivil(absl::CivilDay(1970, 1, 1) + day_number, absl::UTCTimeZone());
}

std::string FormatSpan(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (seconds < 90) return absl::StrCat(seconds, " s");
  const int64_t minutes = (seconds + 30) / 60;
  if (minutes < 90) return absl::StrCat(minutes, " min");
  if (minutes < 48 * 60) return absl::StrCat(minutes / 60, " h ", minutes % 60, " min");
  return absl::StrCat(minutes / (24 * 60), " days");
}

absl::StatusOr<absl::Duration> ParseSpan(absl::string_view text) {
  if (text.size() >= 2) {
    // In 32 bits nothing below can overflow: 2^31 days are fewer seconds than absl::Duration holds.
    int32_t number = 0;
    if (IsDigits(text.substr(0, text.size() - 1)) &&
        absl::SimpleAtoi(text.substr(0, text.size() - 1), &number)) {
      switch (text.back()) {
        case 's':
          return absl::Seconds(number);
        case 'm':
          return absl::Minutes(number);
        case 'h':
          return absl::Hours(number);
        case 'd':
          return 24 * absl::Hours(number);
      }
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a duration; write a number and s, m, h or d, for example 48h"));
}

}  // namespace penstock
