// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/aggregate.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace penstock::metrics::powerbi {
namespace {

// Parted at each + that no bracket and no quote holds. Empty: brackets or quotes do not fit.
std::vector<absl::string_view> Summands(absl::string_view sql) {
  std::vector<absl::string_view> summands;
  size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')' && --depth < 0) return {};
    if (sql[i] != '+' || depth > 0) continue;
    summands.push_back(absl::StripAsciiWhitespace(sql.substr(begin, i - begin)));
    begin = i + 1;
  }
  if (depth != 0 || quoted) return {};
  summands.push_back(absl::StripAsciiWhitespace(sql.substr(begin)));
  return summands;
}

// Whether the bracket that opens first closes last.
bool IsOneCall(absl::string_view call) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < call.size(); ++i) {
    if (call[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (call[i] == '(') ++depth;
    if (call[i] == ')' && --depth == 0) return i + 1 == call.size();
  }
  return false;
}

absl::StatusOr<Aggregate> ReadOne(absl::string_view call) {
  const absl::Status refused = absl::InvalidArgumentError(
      absl::StrCat("'", call, "' is none of COUNT(*), COUNT(x), COUNT(DISTINCT x) and SUM(x)"));
  if (!IsOneCall(call)) return refused;
  const size_t open = call.find('(');
  const absl::string_view name = call.substr(0, open);
  absl::string_view of = absl::StripAsciiWhitespace(call.substr(open + 1, call.size() - open - 2));
  if (of.empty()) return refused;
  // An aggregate of ranks or of other aggregates is not one over rows.
  for (const char* word : {" OVER ", "COUNT(", "SUM(", "MIN(", "MAX("}) {
    if (absl::StrContains(of, word)) return refused;
  }
  if (name == "SUM" && of != "*") return Aggregate{Aggregate::How::kSum, std::string(of)};
  if (name != "COUNT") return refused;
  if (of == "*") return Aggregate{};
  if (absl::ConsumePrefix(&of, "DISTINCT ")) return Aggregate{Aggregate::How::kDistinct, std::string(of)};
  return Aggregate{Aggregate::How::kPresent, std::string(of)};
}

}  // namespace

absl::StatusOr<std::vector<Aggregate>> ReadAggregates(absl::string_view sql) {
  std::vector<Aggregate> all;
  for (absl::string_view summand : Summands(sql)) {
    ASSIGN_OR_RETURN(Aggregate one, ReadOne(summand));
    all.push_back(std::move(one));
  }
  if (!all.empty()) return all;
  return absl::InvalidArgumentError(absl::StrCat("the brackets or quotes of '", sql, "' do not fit"));
}

}  // namespace penstock::metrics::powerbi
