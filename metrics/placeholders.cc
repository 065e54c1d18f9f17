// SPDX-License-Identifier: Apache-2.0
#include "metrics/placeholders.h"

#include <cmath>
#include <functional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "metrics/records.h"

namespace penstock::metrics {
namespace {

using Items = std::vector<std::string>;

// A list that IN takes, and NOT IN too, when it is empty.
std::string List(const Items& items, const Dialect& dialect) {
  if (items.empty()) return "(SELECT '' WHERE 1 = 0)";
  return absl::StrCat("(",
                      absl::StrJoin(items, ", ",
                                    [&](std::string* out, const std::string& item) {
                                      absl::StrAppend(out, dialect.Quote(item));
                                    }),
                      ")");
}

Items FoldedItems(Items items) {
  for (std::string& item : items) item = Folded(item);
  return items;
}

std::string Literal(const Parameter& parameter, const Items& items, const Dialect& dialect) {
  if (parameter.kind == ParameterKind::kNumber) return items.front();
  if (parameter.kind == ParameterKind::kChoice) return dialect.Quote(items.front());
  return List(FoldedItems(items), dialect);
}

// Any of the conditions.
std::string Any(const Items& items, const std::function<std::string(const std::string&)>& condition) {
  Items all;
  for (const std::string& item : items) all.push_back(condition(item));
  return all.empty() ? "1 = 0" : absl::StrCat("(", absl::StrJoin(all, " OR "), ")");
}

std::string Glob(const std::string& item) {
  return absl::StrReplaceAll(Folded(item), {{"!", "!!"}, {"%", "!%"}, {"_", "!_"}, {"*", "%"}, {"?", "_"}});
}

// CASE X WHEN key THEN number, times `scale`.
std::string Map(const std::string& x, const Items& items, int scale, const Dialect& dialect) {
  if (items.empty()) return "NULL";
  std::string sql = absl::StrCat("CASE ", x);
  for (const std::string& item : items) {
    const std::pair<std::string, std::string> sides = absl::StrSplit(item, absl::MaxSplits('=', 1));
    double number = 0;
    CHECK(absl::SimpleAtod(sides.second, &number));
    absl::StrAppend(&sql, " WHEN ", dialect.Quote(Folded(sides.first)), " THEN ",
                    std::llround(number * scale));
  }
  return absl::StrCat(sql, " END");
}

std::string Compare(const std::string& x, absl::string_view how, const Items& items, const Dialect& dialect) {
  if (how == "in") {
    // Whatever holds a text is shorter without it.
    return Any(items, [&](const std::string& item) {
      return absl::StrCat("replace(", x, ", ", dialect.Quote(FormName(item)), ", '') <> ", x);
    });
  }
  if (how == "among") return absl::StrCat("coalesce(", x, ", '') IN ", List(FoldedItems(items), dialect));
  if (how == "if") {
    return items.empty() ? "1 = 1" : absl::StrCat(x, " IN ", List(FoldedItems(items), dialect));
  }
  if (how == "custom") {
    if (items.empty()) return absl::StrCat(x, " NOT IN ", List(FoldedItems(NativePlugins()), dialect));
    return Any(items, [&](const std::string& item) {
      return absl::StrCat(x, " LIKE ", dialect.Quote(Glob(item)), " ESCAPE '!'");
    });
  }
  if (how == "outside") {
    if (items.empty()) return "1 = 1";
    return absl::StrCat("coalesce(", x, ", '') NOT IN (SELECT id FROM conversation WHERE route_key IN ",
                        List(FoldedItems(items), dialect), ")");
  }
  if (how == "rates") return Map(x, items, 1, dialect);
  if (how == "hours") return Map(x, items, 1000, dialect);
  CHECK(false);
}

std::string Expand(absl::string_view text, const Values& values, const Dialect& dialect,
                   absl::string_view cell) {
  const std::vector<std::string> words = absl::StrSplit(text, ' ');
  const auto items = [&](const std::string& name) -> const Items& {
    ParameterNamed(name);
    return values.at(name);
  };
  if (words.size() == 1) {
    if (text == "cell") return std::string(cell);
    return Literal(ParameterNamed(text), items(words[0]), dialect);
  }
  if (words[0] == "folded") return dialect.Lower(dialect.Trim(words[1]));
  if (words[0] == "raw") return List(items(words[1]), dialect);
  if (words[0] == "days") {
    int64_t days = 0;
    CHECK(absl::SimpleAtoi(items(words[1]).front(), &days));
    return absl::StrCat(days * 86'400'000);
  }
  CHECK(words.size() == 3);
  return Compare(words[0], words[1], items(words[2]), dialect);
}

}  // namespace

std::string FillIn(absl::string_view sql, const Values& values, const Dialect& dialect,
                   absl::string_view cell) {
  std::string filled;
  for (size_t begin = 0; begin < sql.size();) {
    const size_t open = sql.find('{', begin);
    absl::StrAppend(&filled, sql.substr(begin, open - begin));
    if (open == absl::string_view::npos) break;
    const size_t close = sql.find('}', open);
    CHECK(close != absl::string_view::npos);
    absl::StrAppend(&filled, Expand(sql.substr(open + 1, close - open - 1), values, dialect, cell));
    begin = close + 1;
  }
  return filled;
}

}  // namespace penstock::metrics
