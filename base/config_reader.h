// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock {

// One mapping of the configuration file. Every error begins with "FILE:LINE: " of the key it speaks of.
//
//   const std::vector<std::string> keys = {"proxy", "ca_file"};
//   ASSIGN_OR_RETURN(ConfigReader http, ConfigReader::Of(node, file, "http", keys));
//   RETURN_IF_ERROR(http.Text("proxy", &config.proxy));
//
// The readers leave their target alone when the key is absent: the default is what the target already held.
class ConfigReader {
 public:
  // INVALID_ARGUMENT when `node` is not a mapping, names a key twice, or (unless `keys` is empty) a key not
  // in `keys`.
  static absl::StatusOr<ConfigReader> Of(const YAML::Node& node, const std::string& file,
                                         const std::string& where, const std::vector<std::string>& keys);

  bool Has(const std::string& key) const { return line_of_.count(key) > 0; }
  YAML::Node Child(const std::string& key) const { return node_[key]; }
  // In the order of the file.
  const std::vector<std::string>& keys() const { return keys_; }

  // A scalar that is not empty.
  absl::Status Text(const std::string& key, std::string* target) const;
  // A whole number from `lowest` to `highest`.
  absl::Status Number(const std::string& key, uint32_t lowest, uint32_t highest, uint32_t* target) const;
  // A number from `lowest` to `highest`.
  absl::Status Share(const std::string& key, double lowest, double highest, double* target) const;
  // A duration such as 30d, longer than zero.
  absl::Status Span(const std::string& key, absl::Duration* target) const;
  // A list of words that are not empty.
  absl::Status Words(const std::string& key, std::vector<std::string>* target) const;
  // Its position in `choices`.
  absl::Status Choice(const std::string& key, const std::vector<std::string>& choices, size_t* target) const;

  absl::Status Require(const std::string& key) const;
  // What goes with a `type` of this name and what does not.
  absl::Status NeedsAndForbids(const std::string& type, const std::vector<std::string>& needs,
                               const std::vector<std::string>& forbids) const;
  // "FILE:LINE: key 'KEY'", at the key's line, or at the mapping's own when the key is absent.
  std::string Place(const std::string& key) const;
  // "FILE:LINE: key 'KEY' MESSAGE", as above.
  absl::Status Error(const std::string& key, absl::string_view message) const;

 private:
  YAML::Node node_;
  std::string file_;
  std::string where_;
  int line_ = 1;
  std::vector<std::string> keys_;
  std::map<std::string, int> line_of_;
};

}  // namespace penstock
