// SPDX-License-Identifier: Apache-2.0
#include "sandbox/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace penstock::sandbox {
namespace {

uint64_t Sent429(const Report& report) {
  const auto found = report.statuses.find(429);
  return found == report.statuses.end() ? 0 : found->second;
}

}  // namespace

uint64_t Report::requests() const {
  uint64_t sum = 0;
  for (const auto& [endpoint, seen] : endpoints) sum += seen.requests;
  return sum;
}

uint64_t Report::rows() const {
  uint64_t sum = 0;
  for (const auto& [endpoint, seen] : endpoints) sum += seen.rows;
  return sum;
}

std::string ReportJson(const Report& report) {
  std::string endpoints;
  for (Endpoint endpoint : kAllEndpoints) {
    const auto found = report.endpoints.find(endpoint);
    const Report::PerEndpoint seen = found == report.endpoints.end() ? Report::PerEndpoint() : found->second;
    absl::StrAppend(&endpoints, endpoints.empty() ? "" : ",", "\"", Name(endpoint),
                    "\":{\"requests\":", seen.requests, ",\"rows\":", seen.rows, "}");
  }
  const auto member = [](std::string* out, const auto& pair) {
    absl::StrAppend(out, "\"", pair.first, "\":", pair.second);
  };
  return absl::StrCat("{\"requests\":", report.requests(), ",\"rows\":", report.rows(), ",\"endpoints\":{",
                      endpoints, "},\"statuses\":{", absl::StrJoin(report.statuses, ",", member),
                      "},\"sent_429\":", Sent429(report), ",\"limit_per_minute\":", report.limit_per_minute,
                      ",\"most_in_60s\":", report.most_in_60s, ",\"limited\":", report.limited,
                      ",\"without_key\":", report.without_key, ",\"token_requests\":", report.token_requests,
                      ",\"faults\":{", absl::StrJoin(report.faults, ",", member), "}}");
}

std::string ReportText(const Report& report) {
  std::string text = absl::StrFormat("%-17s %9s %11s\n", "endpoint", "requests", "rows");
  for (const auto& [endpoint, seen] : report.endpoints) {
    absl::StrAppendFormat(&text, "%-17s %9d %11d\n", std::string(Name(endpoint)), seen.requests, seen.rows);
  }
  absl::StrAppendFormat(&text, "%-17s %9d %11d\n", "all", report.requests(), report.rows());
  absl::StrAppend(&text, "most requests in any 60 s: ", report.most_in_60s, " (limit ",
                  report.limit_per_minute == 0 ? "none" : absl::StrCat(report.limit_per_minute),
                  "), 429 sent: ", Sent429(report), ", without a valid key: ", report.without_key, "\n");
  return text;
}

}  // namespace penstock::sandbox
