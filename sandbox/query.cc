// SPDX-License-Identifier: Apache-2.0
#include "sandbox/query.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace penstock::sandbox {
namespace {

constexpr std::array<std::pair<absl::string_view, Comparison>, 5> kComparisons = {{{"eq", Comparison::kEq},
                                                                                   {"ge", Comparison::kGe},
                                                                                   {"gt", Comparison::kGt},
                                                                                   {"le", Comparison::kLe},
                                                                                   {"lt", Comparison::kLt}}};

absl::Status Refuse(absl::string_view option, absl::string_view why, absl::string_view near) {
  return absl::InvalidArgumentError(absl::StrCat(option, ": ", why, " near '", near.substr(0, 60), "'"));
}

bool IsNameByte(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool IsName(absl::string_view text) {
  for (char c : text) {
    if (!IsNameByte(c)) return false;
  }
  return !text.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(text[0]));
}

absl::string_view TakeWord(absl::string_view& rest) {
  size_t length = 0;
  while (length < rest.size() && IsNameByte(rest[length])) ++length;
  absl::string_view word = rest.substr(0, length);
  rest.remove_prefix(length);
  return word;
}

// At least one blank must separate words.
bool TakeBlanks(absl::string_view& rest) {
  const size_t before = rest.size();
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  return rest.size() < before;
}

absl::StatusOr<std::string> TakeLiteral(absl::string_view& rest) {
  const absl::string_view start = rest;
  if (!absl::ConsumePrefix(&rest, "'"))
    return Refuse("$filter", "a value in single quotes is missing", start);
  std::string literal;
  while (!rest.empty()) {
    const char c = rest[0];
    rest.remove_prefix(1);
    if (c != '\'') {
      literal.push_back(c);
    } else if (absl::ConsumePrefix(&rest, "'")) {
      literal.push_back('\'');
    } else {
      return literal;
    }
  }
  return Refuse("$filter", "the quote is never closed", start);
}

absl::StatusOr<Condition> TakeCondition(absl::string_view& rest) {
  const absl::string_view start = rest;
  Condition condition;
  condition.property = std::string(TakeWord(rest));
  if (!IsName(condition.property) || !TakeBlanks(rest)) {
    return Refuse("$filter", "a property is missing", start);
  }
  const absl::string_view word = TakeWord(rest);
  bool known = false;
  for (const auto& [name, comparison] : kComparisons) {
    if (word != name) continue;
    condition.comparison = comparison;
    known = true;
  }
  if (!known || !TakeBlanks(rest)) return Refuse("$filter", "eq, ge, gt, le or lt is missing", start);
  ASSIGN_OR_RETURN(condition.literal, TakeLiteral(rest));
  return condition;
}

absl::StatusOr<uint64_t> ParseCount(absl::string_view option, const std::string& text) {
  uint64_t value = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || !absl::SimpleAtoi(text, &value)) return Refuse(option, "not a whole number", text);
  return value;
}

absl::Status SetOption(const std::string& name, const std::string& value, Query& query) {
  if (name == "$filter") {
    ASSIGN_OR_RETURN(query.filter, ParseFilter(value));
  } else if (name == "$orderby") {
    ASSIGN_OR_RETURN(query.order, ParseOrder(value));
  } else if (name == "$select") {
    ASSIGN_OR_RETURN(query.select, ParseSelect(value));
  } else if (name == "$top") {
    ASSIGN_OR_RETURN(query.top, ParseCount(name, value));
  } else if (name == "$skip") {
    ASSIGN_OR_RETURN(query.skip, ParseCount(name, value));
  } else if (name == "$count") {
    if (value != "true" && value != "false") return Refuse(name, "neither true nor false", value);
    query.count = value == "true";
  } else if (name == "$skiptoken") {
    if (value.empty()) return Refuse(name, "empty", value);
    query.skip_token = value;
  } else {
    return Refuse(name, "this option is not supported", value);
  }
  return absl::OkStatus();
}

std::string Decode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t byte = 0;
    if (text[i] == '%' && i + 2 < text.size() && absl::SimpleHexAtoi(text.substr(i + 1, 2), &byte)) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

Parameters DecodeParameters(absl::string_view text) {
  Parameters parameters;
  for (absl::string_view part : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    parameters.insert({Decode(pair.first), Decode(pair.second)});
  }
  return parameters;
}

absl::StatusOr<std::vector<Condition>> ParseFilter(absl::string_view text) {
  std::vector<Condition> filter;
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  while (true) {
    ASSIGN_OR_RETURN(Condition condition, TakeCondition(rest));
    filter.push_back(std::move(condition));
    if (rest.empty()) return filter;
    const absl::string_view start = rest;
    if (!TakeBlanks(rest) || TakeWord(rest) != "and" || !TakeBlanks(rest)) {
      return Refuse("$filter", "only 'and' may follow a condition", start);
    }
  }
}

absl::StatusOr<std::vector<OrderKey>> ParseOrder(absl::string_view text) {
  std::vector<OrderKey> order;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> words = absl::StrSplit(part, ' ', absl::SkipEmpty());
    const bool direction = words.size() == 2 && (words[1] == "asc" || words[1] == "desc");
    if (words.empty() || !IsName(words[0]) || (words.size() > 1 && !direction)) {
      return Refuse("$orderby", "expected PROPERTY [asc|desc]", part);
    }
    order.push_back({std::string(words[0]), direction && words[1] == "desc"});
  }
  return order;
}

absl::StatusOr<std::vector<std::string>> ParseSelect(absl::string_view text) {
  std::vector<std::string> select;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (!IsName(part)) return Refuse("$select", "expected a property", part);
    select.emplace_back(part);
  }
  return select;
}

absl::StatusOr<Query> ParseQuery(const Parameters& parameters) {
  Query query;
  size_t options = 0;
  for (const auto& [name, value] : parameters) {
    if (name.empty() || name[0] != '$') continue;
    if (parameters.count(name) > 1) return Refuse(name, "given more than once", value);
    RETURN_IF_ERROR(SetOption(name, value, query));
    ++options;
  }
  if (!query.skip_token.empty() && options > 1) {
    return absl::InvalidArgumentError("$skiptoken: nothing may be added to a next link");
  }
  return query;
}

std::string FilterText(const std::vector<Condition>& filter) {
  return absl::StrJoin(filter, " and ", [](std::string* out, const Condition& condition) {
    const absl::string_view word = kComparisons[static_cast<size_t>(condition.comparison)].first;
    absl::StrAppend(out, condition.property, " ", word, " '",
                    absl::StrReplaceAll(condition.literal, {{"'", "''"}}), "'");
  });
}

std::string OrderText(const std::vector<OrderKey>& order) {
  return absl::StrJoin(order, ",", [](std::string* out, const OrderKey& key) {
    absl::StrAppend(out, key.property, key.descending ? " desc" : " asc");
  });
}

}  // namespace penstock::sandbox
