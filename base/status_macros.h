// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The two macros that newer Abseil releases ship, and a CHECK for bugs in our own logic.

#define RETURN_IF_ERROR(expr)                                                   \
  do {                                                                          \
    if (absl::Status status_macro_result = (expr); !status_macro_result.ok()) { \
      return status_macro_result;                                               \
    }                                                                           \
  } while (false)

#define STATUS_MACRO_CONCAT_INNER(a, b) a##b
#define STATUS_MACRO_CONCAT(a, b) STATUS_MACRO_CONCAT_INNER(a, b)
#define ASSIGN_OR_RETURN(lhs, expr) \
  ASSIGN_OR_RETURN_INNER(STATUS_MACRO_CONCAT(status_or_, __LINE__), lhs, expr)
#define ASSIGN_OR_RETURN_INNER(holder, lhs, expr)      \
  auto holder = (expr);                                \
  if (!holder.ok()) return std::move(holder).status(); \
  lhs = *std::move(holder)

// Ends the process when our own logic is broken: continuing could lose rows. Never for input or the outside
// world.
#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "%s:%d: broken assumption: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                           \
    }                                                                                         \
  } while (false)
