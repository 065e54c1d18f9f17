// SPDX-License-Identifier: Apache-2.0
#include "base/config_columns.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/config_reader.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

std::vector<std::string> EndpointNames() {
  std::vector<std::string> names;
  for (Endpoint endpoint : kAllEndpoints) names.emplace_back(Name(endpoint));
  return names;
}

absl::Status ReadNames(const ConfigReader& reader, const std::string& key, std::vector<ColumnName>* names) {
  std::vector<std::string> words;
  RETURN_IF_ERROR(reader.Words(key, &words));
  for (const std::string& word : words) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(word, absl::MaxSplits('.', 1));
    if (parts.second.empty()) {
      return reader.Error(
          key, absl::StrCat("names '", word, "'; write ENDPOINT.COLUMN, for example users.EMAIL_ADDR"));
    }
    const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(parts.first);
    if (!endpoint.ok()) {
      const std::string hint = DidYouMean(parts.first, EndpointNames());
      return reader.Error(key, absl::StrCat("names '", word, "': ", endpoint.status().message(), hint));
    }
    names->push_back({*endpoint, parts.second, reader.Place(key)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ColumnsConfig> ReadColumns(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"drop", "hash", "hash_key_file"};
  ASSIGN_OR_RETURN(const ConfigReader reader, ConfigReader::Of(node, file, "columns", keys));
  ColumnsConfig columns;
  RETURN_IF_ERROR(ReadNames(reader, "drop", &columns.drop));
  RETURN_IF_ERROR(ReadNames(reader, "hash", &columns.hash));
  if (!columns.hash.empty()) RETURN_IF_ERROR(reader.Require("hash_key_file"));
  RETURN_IF_ERROR(reader.Text("hash_key_file", &columns.hash_key_file));
  if (columns.hash.empty() && !columns.hash_key_file.empty())
    return reader.Error("hash_key_file", "does nothing without hash; leave it out");
  return columns;
}

}  // namespace penstock
