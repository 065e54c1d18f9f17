// SPDX-License-Identifier: Apache-2.0
// From the lines of a 429's head to the pause that the budget makes of them. Input: header lines.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/budget/budget.h"
#include "coordinator/limits.h"
#include "proto/convert.h"
#include "worker/http_headers.h"
#include "worker/retry_after.h"

namespace penstock {
namespace {

constexpr uint32_t kLimit = 60;

void CheckPause(const v1::PermitReport& report) {
  const Moment now{absl::FromUnixSeconds(1'772'000'000), absl::Hours(1)};
  const coordinator::Budget budget(1, {kLimit, kLimit / 2}, "boot", absl::Hours(1));
  for (const double jitter : {0.0, 0.999}) {
    const std::vector<store::Record> records = budget.DecideReport(report, now, jitter);
    CHECK(records.size() == 1);
    const auto& record = std::get<storage::BudgetRecord>(records[0]);
    const absl::Duration pause = FromProto(record.paused_until()) - now.wall;
    CHECK(pause >= coordinator::kPauseMin);
    CHECK(pause <= coordinator::kPauseMax + coordinator::kPauseJitterMax);
    CHECK(record.lowered_limit() >= 1 && record.lowered_limit() <= kLimit);
  }
}

void Fuzz(absl::string_view data) {
  worker::HeaderReader reader;
  for (absl::string_view line : absl::StrSplit(data, '\n')) {
    if (!reader.Complete()) reader.Add(absl::StrCat(line, "\n"));
  }
  const worker::HttpHeaders& headers = reader.headers();
  for (const auto& [name, value] : headers) {
    CHECK(name == absl::AsciiStrToLower(name));
    CHECK(value == absl::StripAsciiWhitespace(value));
  }
  v1::PermitReport report;
  report.set_number(1);
  report.set_fate(v1::ANSWERED);
  report.set_http_status(429);
  const absl::Time received = absl::FromUnixSeconds(1'772'000'000);
  if (const auto wait = worker::ParseRetryAfter(headers, received)) {
    CHECK(*wait >= absl::ZeroDuration());
    *report.mutable_retry_after() = ToProto(*wait);
    CHECK(report.retry_after().seconds() >= 0);
    CHECK(report.retry_after().nanos() >= 0 && report.retry_after().nanos() < 1'000'000'000);
    CHECK(FromProto(report.retry_after()) == *wait);
  }
  if (const auto date = worker::ServerDate(headers)) {
    // It becomes a bound of a filter, so it must be a stamp that the API can read.
    CHECK(ParseStamp(FormatStamp(*date)) == date);
    CHECK(FromProto(ToProto(*date)) == *date);
  }
  CheckPause(report);
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
