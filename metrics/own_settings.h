// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"
#include "metrics/parameters.h"
#include "metrics/request.h"

namespace penstock::metrics {

// The configuration's `metrics`, checked.
struct OwnSettings {
  std::string zone = "UTC";
  Values values;  // in place of parameters' defaults, but not of those that a metric has for itself
};

// INVALID_ARGUMENT names the place in the file, the word and the nearest valid choices.
absl::StatusOr<OwnSettings> CheckSettings(const MetricsConfig& config);

// The question with what the company has of its own: its time zone where the question has none, its values and its
// segments, whose file is read. Errors of CheckSettings and of ReadSegments.
absl::StatusOr<Question> WithOwn(Question question, const MetricsConfig& config);

}  // namespace penstock::metrics
