// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "metrics/frame.h"
#include "metrics/metric.h"
#include "metrics/parameters.h"
#include "metrics/segments.h"

namespace penstock::metrics {

// What people ask, as text: from a command line, or from a page.
struct Question {
  std::string name;
  std::string from = {};
  std::string to = {};
  std::string zone = "UTC";
  std::string by = {};  // empty: the metric's own
  std::string group = {};
  std::vector<std::string> where = {};                 // "route=DM,Ticket"
  std::map<std::string, std::string> parameters = {};  // name -> items, as typed
  bool guide = false;                                  // by the guide's letter
  Values own = {};  // a company's own, in place of defaults (own_settings.h)
  std::shared_ptr<const Segments> segments = nullptr;  // null: the company has none
};

// The same, checked: a metric that is to be computed.
struct Request {
  const Metric* metric = nullptr;
  bool guide = false;
  Frame frame;
  std::string group;                                      // a dimension; empty: none
  std::map<std::string, std::vector<std::string>> where;  // dimension -> its values, any of them
  Values parameters;                                      // of every parameter, defaults filled in
  std::shared_ptr<const Segments> segments;               // set where the dimension `segment` is used

  const Definition& definition() const { return guide ? metric->guide : metric->corrected; }
};

// With the times that were left out: until today, from a week before that, in the question's time zone.
absl::StatusOr<Question> WithTimes(Question question, absl::Time now);

// INVALID_ARGUMENT: one sentence with the wrong word and the nearest valid choices.
absl::StatusOr<Request> MakeRequest(const Question& question);
// The same of a question whose answerer may know more parameters: what the metric needs may be missing.
absl::StatusOr<Request> ReadQuestion(const Question& question);

// The dimensions that a metric's rows know (R10).
std::vector<std::string> DimensionsOf(const Metric& metric);
// A metric's parameter: its name and default, which may be its own.
struct MetricParameter {
  const Parameter* parameter;
  std::vector<std::string> defaults;
};
std::vector<MetricParameter> ParametersOf(const Metric& metric);
// Every parameter: as the metric has it for itself, which is part of its meaning, else as the company has it (`own`),
// else by its default. Null: of no metric.
Values ValuesOf(const Metric* metric, const Values& own);

}  // namespace penstock::metrics
