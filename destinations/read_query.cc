// SPDX-License-Identifier: Apache-2.0
#include "destinations/read_query.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"

namespace penstock::destinations {
namespace {

constexpr absl::Duration kAskEvery = absl::Seconds(1);

}  // namespace

ReadMeter::ReadMeter(const ReadQuery& query, const Clock& clock, std::string place)
    : query_(query), clock_(clock), place_(std::move(place)), end_(clock.Now().boot + query.time) {}

absl::Status ReadMeter::CheckStatements() const {
  for (const std::string& statement : query_.statements) {
    const absl::string_view sql = absl::StripLeadingAsciiWhitespace(statement);
    if (absl::StartsWith(sql, "SELECT ") || absl::StartsWith(sql, "WITH ")) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        place_, ": a query only reads; it begins with SELECT or WITH, not with '", sql.substr(0, 20), "'"));
  }
  return absl::OkStatus();
}

absl::Duration ReadMeter::left() const { return end_ - clock_.Now().boot; }

absl::Status ReadMeter::TimeOver() const {
  return absl::DeadlineExceededError(
      absl::StrCat(place_, ": the query took longer than ", FormatSpan(query_.time),
                   " and was ended; ask for a shorter time or fewer groups, or allow it more"));
}

absl::Status ReadMeter::KeepOn() {
  const absl::Duration now = clock_.Now().boot;
  if (now >= end_) return TimeOver();
  if (query_.keep_on == nullptr || now < asked_ + kAskEvery) return absl::OkStatus();
  asked_ = now;
  return query_.keep_on();
}

absl::Status ReadMeter::Count(const TextRow& row) {
  for (const std::optional<std::string>& cell : row) bytes_ += cell.has_value() ? cell->size() + 1 : 1;
  if (++rows_ <= query_.max_rows && bytes_ <= query_.max_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(place_, ": the answer has more than ", query_.max_rows,
                                                   " rows or ", query_.max_bytes >> 10,
                                                   " KiB; ask for a shorter time or fewer groups"));
}

absl::Status ReadMeter::Trouble(const absl::Status& status, absl::string_view words) const {
  if (left() <= absl::ZeroDuration()) return TimeOver();
  if (words.empty()) return status;
  const std::string text = absl::StrCat(place_, ": ", words);
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return absl::NotFoundError(
          absl::StrCat(text, "; a load creates what is missing: load the destination once"));
    case absl::StatusCode::kUnavailable:
      return absl::UnavailableError(absl::StrCat(text, "; ask again"));
    case absl::StatusCode::kFailedPrecondition:
      return absl::FailedPreconditionError(
          absl::StrCat(text, "; a query only reads, from tables as a load makes them"));
    default:
      return status;
  }
}

}  // namespace penstock::destinations
