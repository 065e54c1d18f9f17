// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "destinations/destination.h"
#include "store/json_equal.h"

namespace penstock::destinations {

inline constexpr char kTable[] = "DATA_API_COPILOT_CONVERSATIONS";
inline const LoadCursor kBeginning;
inline const absl::Time kMonday = absl::FromUnixMillis(1773640971061);  // 2026-03-16T06:02:51.061Z
inline const absl::Time kTuesday = kMonday + absl::Hours(24);

inline LoadCursor At(uint64_t change) { return {"store-a", change}; }

inline TypedRow Conversation(const std::string& id, uint64_t change, absl::Time stamp = kMonday,
                             Value domain = std::string("IT")) {
  TypedRow row;
  row.endpoint = Endpoint::kConversations;
  row.values = {id,
                stamp == absl::InfinitePast() ? Value() : Value(stamp),
                std::string("18446744073709551615"),
                kMonday - absl::Hours(20),
                std::string("DM"),
                std::move(domain),
                Value(),
                JsonText{R"({"ticket_id": "T-1", "big": 1e400})"}};
  row.stamp = stamp;
  row.change = change;
  return row;
}

// Word that the conversation was erased.
inline TypedRow Erased(const std::string& id, uint64_t change) {
  TypedRow row;
  row.endpoint = Endpoint::kConversations;
  row.values = {id};
  row.change = change;
  row.erased = true;
  return row;
}

MATCHER_P2(Counts, written, unchanged, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  *result_listener << arg->written << " written, " << arg->unchanged << " unchanged";
  return arg->written == static_cast<uint64_t>(written) && arg->unchanged == static_cast<uint64_t>(unchanged);
}

MATCHER_P(IsOkAndHolds, inner, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

// Whatever spelling the system gives it.
MATCHER_P(IsJson, text, "") { return store::JsonEqual(arg, text); }

MATCHER_P(CursorIs, cursor, "") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  *result_listener << "(" << arg->store_id << ", " << arg->change << ")";
  return arg->store_id == cursor.store_id && arg->change == cursor.change;
}

}  // namespace penstock::destinations
