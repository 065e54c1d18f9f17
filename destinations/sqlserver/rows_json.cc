// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/rows_json.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/newest.h"
#include "destinations/sqlserver/utf16.h"
#include "destinations/storable.h"

namespace penstock::destinations::sqlserver {
namespace {

std::string Utc(const char* format, absl::Time time) {
  return absl::FormatTime(format, time, absl::UTCTimeZone());
}

std::string InstantText(Kind kind, absl::Time time) {
  switch (kind) {
    case Kind::kInstantUtc:
      return Utc("%Y-%m-%dT%H:%M:%E6S", time);
    case Kind::kInstantThousandths:
      return Utc("%Y-%m-%dT%H:%M:%E3S", time);
    case Kind::kInstantZoned:
      return Utc("%Y-%m-%dT%H:%M:%E6S+00:00", time);
    default:
      return FormatExactStamp(time);
  }
}

class Encoder {
 public:
  Encoder(const Table& table, const Layout& layout, std::string* json)
      : table_(table), layout_(layout), json_(*json) {}

  void Add(const TypedRow& row) {
    CHECK(row.values.size() == table_.columns.size() && row.values.size() + 2 == layout_.targets.size());
    absl::StrAppend(&json_, json_.size() > 1 ? ",{" : "{");
    first_ = true;
    std::string replaced;
    for (size_t i = 0; i < row.values.size(); ++i) {
      if (AddValue(i, row.values[i])) {
        absl::StrAppend(&replaced, replaced.empty() ? "" : ",", QuoteJson(table_.columns[i].name));
      }
    }
    const std::string extra = replaced.empty() ? row.extra : WithReplaced(row.extra, replaced);
    if (!extra.empty()) absl::StrAppend(&json_, Member(row.values.size()), QuoteJson(extra));
    absl::StrAppend(&json_, Member(row.values.size() + 1), row.change, "}");
  }

 private:
  std::string Member(size_t i) {
    const char* comma = first_ ? "" : ",";
    first_ = false;
    return absl::StrCat(comma, "\"c", i, "\":");
  }

  // True: what stands there is not all that the source said.
  bool AddValue(size_t i, const Value& value) {
    const Kind kind = layout_.targets[i].kind;
    if (const auto* text = std::get_if<std::string>(&value)) {
      const bool changed = StorableText(*text, &kept_);
      absl::StrAppend(&json_, Member(i), QuoteJson(changed ? kept_ : *text));
      return changed;
    }
    if (const auto* json = std::get_if<JsonText>(&value)) {
      absl::StrAppend(&json_, Member(i), QuoteJson(json->text));
    } else if (const auto* time = std::get_if<absl::Time>(&value)) {
      absl::StrAppend(&json_, Member(i), QuoteJson(InstantText(kind, *time)));
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      absl::StrAppend(&json_, Member(i), *flag ? "true" : "false");
    }
    return false;
  }

  const Table& table_;
  const Layout& layout_;
  std::string& json_;
  bool first_ = true;
  std::string kept_;  // room for what is replaced
};

}  // namespace

std::string Unfit(const TypedRow& row) {
  if (absl::StrContains(Id(row), absl::string_view("\0", 1)))
    return "its id has a U+0000, which SQL Server does not keep apart";
  std::u16string room;
  bool fits = ToUtf16(row.extra, &room);
  for (const Value& value : row.values) {
    if (const auto* text = std::get_if<std::string>(&value)) fits &= ToUtf16(*text, &room);
    if (const auto* json = std::get_if<JsonText>(&value)) fits &= ToUtf16(json->text, &room);
  }
  return fits ? "" : "a text of it is no UTF-8";
}

std::string RowsJson(const Table& table, const Layout& layout, absl::Span<const TypedRow* const> rows) {
  std::string json = "[";
  Encoder encoder(table, layout, &json);
  for (const TypedRow* row : rows) encoder.Add(*row);
  return absl::StrCat(json, "]");
}

std::string IdsJson(absl::Span<const absl::string_view> ids) {
  std::string json;
  for (const absl::string_view id : ids) {
    if (absl::StrContains(id, absl::string_view("\0", 1))) continue;
    absl::StrAppend(&json, json.empty() ? "" : ",", "{\"i\":", QuoteJson(id), "}");
  }
  return absl::StrCat("[", json, "]");
}

std::string SetAsideJson(const std::vector<SetAsideRow>& rows, absl::Time now) {
  std::string json;
  for (const SetAsideRow& row : rows) {
    absl::StrAppend(&json, json.empty() ? "" : ",", "{\"e\":", QuoteJson(Name(row.endpoint)),
                    ",\"i\":", QuoteJson(ShownId(row.id)), ",\"n\":", row.change,
                    ",\"r\":", QuoteJson(row.reason),
                    ",\"t\":", QuoteJson(InstantText(Kind::kInstantUtc, now)), "}");
  }
  return absl::StrCat("[", json, "]");
}

std::string CoverageJson(const std::vector<CoverageDay>& days) {
  std::string json;
  for (const CoverageDay& day : days) {
    const bool never = day.counted == absl::InfinitePast();
    absl::StrAppend(
        &json, json.empty() ? "" : ",", "{\"e\":", QuoteJson(Name(day.endpoint)), ",\"d\":\"",
        FormatDay(day.day), "\",\"s\":", QuoteJson(day.state), ",\"n\":", day.rows,
        never ? "" : absl::StrCat(",\"t\":", QuoteJson(InstantText(Kind::kInstantUtc, day.counted))), "}");
  }
  return absl::StrCat("[", json, "]");
}

}  // namespace penstock::destinations::sqlserver
