// SPDX-License-Identifier: Apache-2.0
#include "metrics/own_settings.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "metrics/frame.h"
#include "metrics/segments.h"

namespace penstock::metrics {
namespace {

absl::Status At(const std::string& place, const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat(place, ": ", message));
}

absl::StatusOr<const Parameter*> Find(const std::string& name, const std::string& place) {
  std::vector<std::string> known;
  for (const Parameter& parameter : AllParameters()) {
    if (parameter.name == name) return &parameter;
    known.push_back(parameter.name);
  }
  return At(place, absl::StrCat("no metric has a parameter of this name", DidYouMean(name, known),
                                "; `penstock metrics show NAME` lists a metric's"));
}

}  // namespace

absl::StatusOr<OwnSettings> CheckSettings(const MetricsConfig& config) {
  OwnSettings own;
  if (!config.time_zone.empty()) {
    const absl::StatusOr<absl::TimeZone> zone = FindZone(config.time_zone);
    if (!zone.ok()) return At(config.time_zone_place, std::string(zone.status().message()));
    own.zone = config.time_zone;
  }
  for (const auto& [name, setting] : config.settings) {
    ASSIGN_OR_RETURN(const Parameter* parameter, Find(name, setting.place));
    const absl::Status checked = CheckItems(*parameter, setting.items);
    if (!checked.ok()) return At(setting.place, std::string(checked.message()));
    own.values[name] = setting.items;
  }
  return own;
}

absl::StatusOr<Question> WithOwn(Question question, const MetricsConfig& config) {
  ASSIGN_OR_RETURN(OwnSettings own, CheckSettings(config));
  if (question.zone.empty()) question.zone = own.zone;
  question.own = std::move(own.values);
  if (config.segments_file.empty()) return question;
  ASSIGN_OR_RETURN(Segments segments, ReadSegments(config.segments_file));
  question.segments = std::make_shared<const Segments>(std::move(segments));
  return question;
}

}  // namespace penstock::metrics
