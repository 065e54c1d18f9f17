// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/request.h"

namespace penstock::cli {

// A question about a metric, as typed.
struct QuestionFlags {
  metrics::Question question;
  std::string definition = "corrected";
  std::vector<std::string> settings;  // "clicks=no"
};
// NAME, --from, --to, --by, --group, --where, --tz, --set and --definition. What is left out is the metric's own.
void AddQuestionFlags(CLI::App& app, QuestionFlags& flags);

// One for each definition that was asked for: corrected first. INVALID_ARGUMENT names the wrong word.
absl::StatusOr<std::vector<metrics::Question>> Questions(const QuestionFlags& flags);

}  // namespace penstock::cli
