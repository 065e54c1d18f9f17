// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"

namespace penstock {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

// The matchers that newer Abseil releases ship.
MATCHER(IsOk, "is OK") {
  *result_listener << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}
// EXPECT_THAT(Parse("x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'x'")));
MATCHER_P2(StatusIs, code, message, "has the status code and a message that fits") {
  const absl::Status& status = GetStatus(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()), result_listener);
}

}  // namespace penstock

#define ASSERT_OK(expr) ASSERT_THAT(expr, ::penstock::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT(expr, ::penstock::IsOk())
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ASSERT_OK_AND_ASSIGN_INNER(STATUS_MACRO_CONCAT(assert_or_, __LINE__), lhs, expr)
#define ASSERT_OK_AND_ASSIGN_INNER(holder, lhs, expr) \
  auto holder = (expr);                               \
  ASSERT_OK(holder);                                  \
  lhs = *std::move(holder)
