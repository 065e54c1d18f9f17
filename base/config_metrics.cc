// SPDX-License-Identifier: Apache-2.0
#include "base/config_metrics.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/config_reader.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// A word, a list of words, or a map of words to words.
absl::StatusOr<std::vector<std::string>> ReadItems(const ConfigReader& reader, const std::string& key,
                                                   const std::string& file) {
  const YAML::Node value = reader.Child(key);
  std::vector<std::string> items;
  if (value.IsScalar()) {
    RETURN_IF_ERROR(reader.Text(key, &items.emplace_back()));
    return items;
  }
  if (value.IsSequence()) {
    RETURN_IF_ERROR(reader.Words(key, &items));
    return items;
  }
  ASSIGN_OR_RETURN(const ConfigReader map, ConfigReader::Of(value, file, key, {}));
  for (const std::string& name : map.keys()) {
    std::string word;
    RETURN_IF_ERROR(map.Text(name, &word));
    items.push_back(absl::StrCat(name, "=", word));
  }
  return items;
}

}  // namespace

absl::StatusOr<MetricsConfig> ReadMetrics(const YAML::Node& node, const std::string& file) {
  ASSIGN_OR_RETURN(const ConfigReader reader,
                   ConfigReader::Of(node, file, "metrics", {"time_zone", "settings", "segments"}));
  MetricsConfig metrics;
  RETURN_IF_ERROR(reader.Text("time_zone", &metrics.time_zone));
  metrics.time_zone_place = reader.Place("time_zone");
  RETURN_IF_ERROR(reader.Text("segments", &metrics.segments_file));
  if (!reader.Has("settings")) return metrics;
  ASSIGN_OR_RETURN(const ConfigReader settings,
                   ConfigReader::Of(reader.Child("settings"), file, "settings", {}));
  for (const std::string& name : settings.keys()) {
    MetricsConfig::Setting& setting = metrics.settings[name];
    ASSIGN_OR_RETURN(setting.items, ReadItems(settings, name, file));
    setting.place = settings.Place(name);
    if (setting.items.empty()) return settings.Error(name, "is empty; leave it out");
  }
  return metrics;
}

}  // namespace penstock
