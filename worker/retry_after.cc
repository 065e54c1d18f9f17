// SPDX-License-Identifier: Apache-2.0
#include "worker/retry_after.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace penstock::worker {
namespace {

// Where four digits end: 1 January 10000.
constexpr absl::Time kEndOfDates = absl::FromUnixSeconds(253'402'300'800);

// Digits only: no sign, no fraction. Twelve digits are 30,000 years; more is garbage.
std::optional<int64_t> ParseNumber(absl::string_view text) {
  if (text.empty() || text.size() > 12 || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

absl::Duration Until(absl::Time then, absl::Time now) { return std::max(absl::ZeroDuration(), then - now); }

// `name` of a structured-field item's parameters: "r" of `"default";r=0;t=30`.
std::optional<int64_t> Parameter(absl::string_view item, absl::string_view name) {
  for (absl::string_view part : absl::StrSplit(item, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (absl::ConsumePrefix(&part, name) && absl::ConsumePrefix(&part, "=")) return ParseNumber(part);
  }
  return std::nullopt;
}

std::optional<absl::Duration> FromRateLimit(absl::string_view field) {
  std::optional<absl::Duration> longest;
  for (absl::string_view item : absl::StrSplit(field, ',')) {
    const std::optional<int64_t> remaining = Parameter(item, "r");
    const std::optional<int64_t> seconds = Parameter(item, "t");
    if (remaining != 0 || !seconds) continue;
    longest = std::max(longest.value_or(absl::ZeroDuration()), absl::Seconds(*seconds));
  }
  return longest;
}

}  // namespace

std::optional<absl::Time> ParseHttpDate(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() < 24 || text.size() > 40)
    return std::nullopt;  // also keeps absl's own word "infinite-future" out
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(format, text, absl::UTCTimeZone(), &time, &error)) continue;
    // absl takes any number for the four digits of %Y: "-94" too.
    if (time >= absl::UnixEpoch() && time < kEndOfDates) return time;
  }
  return std::nullopt;
}

std::optional<absl::Time> ServerDate(const HttpHeaders& headers) {
  return ParseHttpDate(FindHeader(headers, "date"));
}

std::optional<absl::Duration> ParseRetryAfter(const HttpHeaders& headers, absl::Time received) {
  const absl::Time now = ServerDate(headers).value_or(received);
  const std::string retry_after = FindHeader(headers, "retry-after");
  if (const auto seconds = ParseNumber(retry_after)) return absl::Seconds(*seconds);
  if (const auto date = ParseHttpDate(retry_after)) return Until(*date, now);
  if (const auto pause = FromRateLimit(FindHeader(headers, "ratelimit"))) return pause;
  for (const char* name : {"ratelimit-reset", "x-ratelimit-reset"}) {
    const auto number = ParseNumber(FindHeader(headers, name));
    if (!number) continue;
    if (*number > 1'000'000'000) return Until(absl::FromUnixSeconds(*number), now);
    return absl::Seconds(*number);
  }
  return std::nullopt;
}

}  // namespace penstock::worker
