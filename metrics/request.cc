// SPDX-License-Identifier: Apache-2.0
#include "metrics/request.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "metrics/catalogue.h"

namespace penstock::metrics {
namespace {

constexpr char kSegment[] = "segment";

absl::Status CheckDimension(const Metric& metric, const std::string& dimension, absl::string_view flag) {
  const std::vector<std::string> known = DimensionsOf(metric);
  if (std::count(known.begin(), known.end(), dimension) > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", flag, " ", dimension, ": ", metric.name, " knows ",
                                                 absl::StrJoin(known, ", "), " only",
                                                 DidYouMean(dimension, known)));
}

absl::Status AddWhere(const std::string& clause, Request* request) {
  const std::pair<std::string, std::string> sides = absl::StrSplit(clause, absl::MaxSplits('=', 1));
  RETURN_IF_ERROR(CheckDimension(*request->metric, sides.first, "where"));
  for (absl::string_view value : absl::StrSplit(sides.second, ',')) {
    value = absl::StripAsciiWhitespace(value);
    if (!value.empty()) request->where[sides.first].emplace_back(value);
  }
  if (request->where[sides.first].empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--where ", clause, ": write ", sides.first, "=VALUE"));
  }
  return absl::OkStatus();
}

absl::Status SetParameter(const std::string& name, const std::string& text, Request* request) {
  std::vector<std::string> known;
  for (const MetricParameter& each : ParametersOf(*request->metric)) {
    known.push_back(each.parameter->name);
    if (each.parameter->name != name) continue;
    ASSIGN_OR_RETURN(request->parameters[name], ParseItems(*each.parameter, text));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(request->metric->name, " has no parameter '", name, "'", DidYouMean(name, known), "; ",
                   known.empty() ? "it has none" : absl::StrCat("it has ", absl::StrJoin(known, ", "))));
}

}  // namespace

std::vector<std::string> DimensionsOf(const Metric& metric) {
  switch (metric.subject) {
    case Subject::kInteraction:
      return {"route", "domain", "platform", "language", kSegment};
    case Subject::kConversation:
      return {"route", "domain", "language", kSegment};
    case Subject::kCall:
      return {"route", "domain", "plugin", "language", kSegment};
    case Subject::kUser:
      return {"language", kSegment};
  }
  CHECK(false);
}

std::vector<MetricParameter> ParametersOf(const Metric& metric) {
  std::vector<MetricParameter> all;
  for (const std::string& text : metric.parameters) {
    const std::vector<std::string> sides = absl::StrSplit(text, absl::MaxSplits('=', 1));
    const Parameter& parameter = ParameterNamed(sides[0]);
    std::vector<std::string> defaults = parameter.defaults;
    if (sides.size() == 2) defaults = absl::StrSplit(sides[1], ',');
    all.push_back({&parameter, std::move(defaults)});
  }
  return all;
}

Values ValuesOf(const Metric* metric, const Values& own) {
  Values values;
  for (const Parameter& parameter : AllParameters()) values[parameter.name] = parameter.defaults;
  for (const auto& [name, items] : own) values[name] = items;
  if (metric == nullptr) return values;
  for (const MetricParameter& each : ParametersOf(*metric)) {
    if (each.defaults != each.parameter->defaults) values[each.parameter->name] = each.defaults;
  }
  return values;
}

absl::StatusOr<Question> WithTimes(Question question, absl::Time now) {
  constexpr int kDays = 7;
  ASSIGN_OR_RETURN(const absl::TimeZone zone, FindZone(question.zone));
  if (question.to.empty()) question.to = absl::FormatCivilTime(absl::ToCivilDay(now, zone));
  absl::CivilDay to;
  if (!question.from.empty()) return question;
  if (absl::ParseCivilTime(question.to, &to)) {
    question.from = absl::FormatCivilTime(to - kDays);
  } else {
    // A word that is no time is named when the request is made.
    const absl::StatusOr<absl::Time> instant = ParseDate(question.to);
    question.from = instant.ok() ? FormatStamp(*instant - kDays * absl::Hours(24)) : question.to;
  }
  return question;
}

absl::StatusOr<Request> ReadQuestion(const Question& question) {
  Request request;
  ASSIGN_OR_RETURN(request.metric, FindMetric(question.name));
  const Metric& metric = *request.metric;
  request.guide = question.guide;
  ASSIGN_OR_RETURN(const By by, ParseBy(question.by.empty() ? metric.by : question.by));
  ASSIGN_OR_RETURN(request.frame, MakeFrame(question.from, question.to, question.zone, by));
  request.parameters = ValuesOf(&metric, question.own);
  for (const auto& [name, text] : question.parameters) RETURN_IF_ERROR(SetParameter(name, text, &request));
  if (!question.group.empty()) {
    RETURN_IF_ERROR(CheckDimension(metric, question.group, "group"));
    if (question.group == metric.breakdown.name) {
      return absl::InvalidArgumentError(
          absl::StrCat(metric.name, " is by ", question.group, " already; leave --group out"));
    }
    request.group = question.group;
  }
  for (const std::string& clause : question.where) RETURN_IF_ERROR(AddWhere(clause, &request));
  if (request.group == kSegment || request.where.count(kSegment) > 0) request.segments = question.segments;
  return request;
}

absl::StatusOr<Request> MakeRequest(const Question& question) {
  ASSIGN_OR_RETURN(Request request, ReadQuestion(question));
  const Metric& metric = *request.metric;
  if ((request.group == kSegment || request.where.count(kSegment) > 0) && request.segments == nullptr) {
    return absl::InvalidArgumentError(
        "nobody is in a segment: the configuration names no file of them (metrics: segments)");
  }
  if (!metric.needs.empty() && request.parameters[metric.needs].empty()) {
    return absl::InvalidArgumentError(absl::StrCat(metric.name, " needs ", metric.needs, ": ",
                                                   ParameterNamed(metric.needs).help, "; for instance --set ",
                                                   metric.needs, "='Grant Software Access=0.5'"));
  }
  return request;
}

}  // namespace penstock::metrics
