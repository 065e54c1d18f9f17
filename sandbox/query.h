// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::sandbox {

// The part of OData that the Data API is known to understand, and nothing more: a client that sends anything
// else gets INVALID_ARGUMENT, which becomes a 400, so that it cannot come to depend on our kindness.
//
//   $filter   = condition *( " and " condition )      condition = property SP ("eq"|"ge"|"gt"|"le"|"lt") SP
//   literal literal   = "'" *( any character, a quote doubled ) "'"      values are compared as strings
//   $orderby  = property [ " asc" | " desc" ] *( "," ... )       $select = property *( "," property )
//   $top, $skip = digits      $count = "true" | "false"          $skiptoken = opaque, stands alone

enum class Comparison { kEq, kGe, kGt, kLe, kLt };

struct Condition {
  std::string property;
  Comparison comparison = Comparison::kEq;
  std::string literal;  // without quotes, doubled quotes undone
};

struct OrderKey {
  std::string property;
  bool descending = false;
};

struct Query {
  std::vector<Condition> filter;    // all must hold
  std::vector<OrderKey> order;      // empty: the order of the data
  std::vector<std::string> select;  // empty: all properties
  std::optional<uint64_t> top;
  uint64_t skip = 0;
  bool count = false;
  std::string skip_token;  // not empty: every other member is unset
};

// Decoded query parameters. Those that do not begin with `$` are ignored, as OData asks.
using Parameters = std::multimap<std::string, std::string>;

// What stands behind the `?` of a URL, or in the body of a form: names and values with `%20` and `+` undone.
// A `=` in a value stays what it is.
Parameters DecodeParameters(absl::string_view text);

// Every error is INVALID_ARGUMENT and quotes the piece that was not understood. Property names are not
// checked here.
absl::StatusOr<Query> ParseQuery(const Parameters& parameters);
absl::StatusOr<std::vector<Condition>> ParseFilter(absl::string_view text);
absl::StatusOr<std::vector<OrderKey>> ParseOrder(absl::string_view text);
absl::StatusOr<std::vector<std::string>> ParseSelect(absl::string_view text);

// The inverse: equal queries give equal text, which the parsers accept.
std::string FilterText(const std::vector<Condition>& filter);
std::string OrderText(const std::vector<OrderKey>& order);

}  // namespace penstock::sandbox
