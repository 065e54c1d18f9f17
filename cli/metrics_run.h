// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/command.h"
#include "metrics/request.h"

namespace penstock::cli {

// Where to ask, and for how long.
struct PlaceFlags {
  std::string destination;
  std::string timeout = "1m";
};
void AddPlaceFlags(CLI::App& app, PlaceFlags& flags);

// What is wrong with a question, told before anybody is asked. INVALID_ARGUMENT.
absl::Status CheckQuestion(Session& session, metrics::Question question);

// What is asked of a destination: `metrics run`, `metrics rows`, `metrics report` and `metrics install`.
void AddMetricsRun(CLI::App& group, Action& chosen);
void AddMetricsRows(CLI::App& group, Action& chosen);
void AddMetricsReport(CLI::App& group, Action& chosen);
void AddMetricsInstall(CLI::App& group, Action& chosen);

}  // namespace penstock::cli
