// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/pieces.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/newest.h"
#include "destinations/storable.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr absl::string_view kNul("\0", 1);
// A quoted text is at most twice as long: it is JSON, so nothing but quotes and backslashes is escaped.
constexpr size_t kSlice = kPieceMax / 2 - 1;

std::string StampText(Kind kind, absl::Time time) {
  std::string text = FormatExactStamp(time);
  if (kind == Kind::kInstantUtc) text.pop_back();  // without a zone
  return text;
}

// Not within a character.
size_t SliceEnd(const std::string& text, size_t begin) {
  size_t end = std::min(begin + kSlice, text.size());
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

}  // namespace

std::string ErasedRows(Endpoint endpoint) { return absl::StrCat("erased ", Name(endpoint)); }

void Pieces::Add(const Table& table, const Layout& layout, absl::Span<const TypedRow* const> rows,
                 uint64_t number) {
  for (const TypedRow* row : rows) {
    const uint64_t mine = number++;
    if (absl::StrContains(Id(*row), kNul)) {
      refused_.push_back({row->endpoint, ShownId(Id(*row)), row->change, "its id holds U+0000"});
      continue;
    }
    const std::string text = Encode(table, layout, *row, mine);
    if (text.size() > kRowMax) {
      refused_.push_back({row->endpoint, Id(*row), row->change,
                          absl::StrCat("the row has ", text.size(), " bytes, and Snowflake keeps 16 MiB")});
      continue;
    }
    Append(text, Name(table.endpoint));
  }
  Close(Name(table.endpoint));
}

void Pieces::AddErased(Endpoint endpoint, absl::Span<const absl::string_view> ids) {
  uint64_t number = 0;
  for (const absl::string_view id : ids) {
    const std::string key = absl::StrContains(id, kNul) ? "" : absl::StrCat(",\"c0\":", QuoteJson(id));
    Append(absl::StrCat("{\"n\":", number++, key, ",\"c1\":", QuoteJson(ShownId(id)), "}"),
           ErasedRows(endpoint));
  }
  Close(ErasedRows(endpoint));
}

void Pieces::Add(const std::vector<CoverageDay>& days) {
  uint64_t number = 0;
  for (const CoverageDay& day : days) {
    const bool never = day.counted == absl::InfinitePast();
    const std::string counted =
        never ? "" : absl::StrCat(",\"c4\":", QuoteJson(StampText(Kind::kInstantUtc, day.counted)));
    Append(absl::StrCat("{\"n\":", number++, ",\"c0\":", QuoteJson(Name(day.endpoint)), ",\"c1\":\"",
                        FormatDay(day.day), "\",\"c2\":", QuoteJson(day.state), ",\"c3\":", day.rows, counted,
                        "}"),
           kCoverageRows);
  }
  Close(kCoverageRows);
}

void Pieces::Append(absl::string_view row, absl::string_view of) {
  const size_t quoted = QuoteJson(row).size();
  if (quoted_ + quoted > kChunkMax) Close(of);
  absl::StrAppend(&chunk_, chunk_.empty() ? "" : ",", row);
  quoted_ += quoted;
}

void Pieces::Close(absl::string_view of) {
  if (chunk_.empty()) return;
  const std::string text = absl::StrCat("[", chunk_, "]");
  uint64_t piece = 0;
  if (quoted_ <= kPieceMax) {
    all_.push_back({std::string(of), chunks_, piece, text, quoted_ + 4});
  } else {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = SliceEnd(text, begin);
      all_.push_back(
          {std::string(of), chunks_, piece++, text.substr(begin, end - begin), 2 * (end - begin) + 2});
      begin = end;
    }
  }
  ++chunks_;
  chunk_.clear();
  quoted_ = 0;
}

std::string Pieces::Encode(const Table& table, const Layout& layout, const TypedRow& row, uint64_t number) {
  CHECK(row.values.size() == table.columns.size() && row.values.size() + 2 == layout.targets.size());
  std::string text = absl::StrCat("{\"n\":", number);
  std::string replaced;
  const auto add = [&](size_t i, absl::string_view value) {
    absl::StrAppend(&text, ",\"c", i, "\":", QuoteJson(value));
  };
  const auto replace = [&](bool changed, absl::string_view column) {
    if (changed) absl::StrAppend(&replaced, replaced.empty() ? "" : ",", QuoteJson(column));
    return changed;
  };
  for (size_t i = 0; i < row.values.size(); ++i) {
    const std::string& column = table.columns[i].name;
    if (const auto* plain = std::get_if<std::string>(&row.values[i])) {
      add(i, replace(i > 0 && StorableText(*plain, &kept_), column) ? kept_ : *plain);
    } else if (const auto* json = std::get_if<JsonText>(&row.values[i])) {
      add(i, replace(StorableJson(json->text, &kept_), column) ? kept_ : json->text);
    } else if (const auto* time = std::get_if<absl::Time>(&row.values[i])) {
      add(i, StampText(layout.targets[i].kind, *time));
    } else if (const auto* flag = std::get_if<bool>(&row.values[i])) {
      add(i, *flag ? "true" : "false");
    }
  }
  std::string extra = replace(StorableJson(row.extra, &kept_), kExtraColumn) ? kept_ : row.extra;
  if (!replaced.empty()) extra = WithReplaced(extra, replaced);
  if (!extra.empty()) add(row.values.size(), extra);
  absl::StrAppend(&text, ",\"c", row.values.size() + 1, "\":", row.change, "}");
  return text;
}

}  // namespace penstock::destinations::snowflake
