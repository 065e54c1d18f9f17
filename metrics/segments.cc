// SPDX-License-Identifier: Apache-2.0
#include "metrics/segments.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

// The fields of one line; false: a quote is left open, or something stands behind one.
bool SplitLine(absl::string_view line, std::vector<std::string>* fields) {
  while (true) {
    std::string& field = fields->emplace_back();
    if (absl::ConsumePrefix(&line, "\"")) {
      while (true) {
        const size_t quote = line.find('"');
        if (quote == absl::string_view::npos) return false;
        absl::StrAppend(&field, line.substr(0, quote));
        line.remove_prefix(quote + 1);
        if (!absl::ConsumePrefix(&line, "\"")) break;
        field += '"';
      }
      if (!line.empty() && line[0] != ',') return false;
    } else {
      field = std::string(absl::StripAsciiWhitespace(line.substr(0, line.find(','))));
      line.remove_prefix(std::min(line.find(','), line.size()));
    }
    if (!absl::ConsumePrefix(&line, ",")) return true;
  }
}

// A relation of two columns of text; without rows where there are none.
std::string Listed(const std::map<std::string, std::string>& pairs, const Dialect& dialect) {
  std::vector<std::string> rows;
  for (const auto& [key, segment] : pairs) {
    rows.push_back(absl::StrCat("(", dialect.Quote(key), ", ", dialect.Quote(segment), ")"));
  }
  if (rows.empty()) return "SELECT '' AS who, '' AS segment WHERE 1 = 0";
  return absl::StrCat("SELECT * FROM (VALUES ", absl::StrJoin(rows, ", "), ") v");
}

}  // namespace

absl::StatusOr<Segments> ParseSegments(absl::string_view csv, const std::string& file) {
  Segments segments;
  std::map<std::string, std::string>* target = nullptr;
  std::map<std::string, size_t> seen;
  size_t number = 0;
  absl::ConsumePrefix(&csv, "\xEF\xBB\xBF");
  for (absl::string_view line : absl::StrSplit(csv, '\n')) {
    ++number;
    const auto refuse = [&](const auto&... words) {
      return absl::InvalidArgumentError(absl::StrCat(file, ":", number, ": ", words...));
    };
    absl::ConsumeSuffix(&line, "\r");
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    std::vector<std::string> fields;
    if (!SplitLine(line, &fields))
      return refuse("a double quote is not closed, or something stands behind it");
    if (fields.size() != 2) return refuse(fields.size(), " values where 2 are expected");
    if (target == nullptr) {
      const std::string first = absl::AsciiStrToLower(fields[0]);
      if (absl::AsciiStrToLower(fields[1]) == "segment") {
        if (first == "user_id") target = &segments.of_user;
        if (first == "email") target = &segments.of_email;
      }
      if (target == nullptr) return refuse("the first line must be user_id,segment or email,segment");
      continue;
    }
    const std::string key = target == &segments.of_email ? absl::AsciiStrToLower(fields[0]) : fields[0];
    if (key.empty() || fields[1].empty()) return refuse("a value is empty; leave the line out");
    const auto [known, is_new] = seen.emplace(key, number);
    if (!is_new) return refuse("'", fields[0], "' stands in line ", known->second, " already");
    if (seen.size() > kSegmentsMax) return refuse("more than ", kSegmentsMax, " users are not taken");
    (*target)[key] = fields[1];
  }
  if (target == nullptr) return absl::InvalidArgumentError(absl::StrCat(file, ":1: the file is empty"));
  return segments;
}

absl::StatusOr<Segments> ReadSegments(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  if (!stream || !(text << stream.rdbuf())) {
    return absl::NotFoundError(
        absl::StrCat(file, ": cannot be read, or is empty; the configuration names it (metrics: segments)"));
  }
  return ParseSegments(text.str(), file);
}

std::vector<Relation> SegmentRelations(const Segments& segments, const Dialect& dialect) {
  return {
      {"segment_of_user(who, segment)", Listed(segments.of_user, dialect)},
      {"segment_of_email(who, segment)", Listed(segments.of_email, dialect)},
      {"segment(user_id, segment)",
       "SELECT who, segment FROM segment_of_user\n"
       "UNION ALL SELECT p.id, e.segment FROM person p JOIN segment_of_email e ON e.who = p.email"},
  };
}

}  // namespace penstock::metrics
