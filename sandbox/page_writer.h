// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::sandbox {

// The envelope of a page: {"@odata.context": .., "@odata.count": .., "value": [..], "@odata.nextLink": ..},
// in that order unless told otherwise. Members that are empty are left out.
struct Envelope {
  std::string context;
  std::string count;  // JSON: a number, or a number in quotes
  enum class Value { kArray, kObject, kAbsent } value = Value::kArray;
  std::string records;                                     // JSON objects, separated by commas
  std::vector<std::pair<std::string, std::string>> links;  // key and JSON value
  bool links_first = false;
};
std::string WriteEnvelope(const Envelope& envelope);

// One JSON object without all properties but those listed (keep) or without those listed (drop): the tokens
// that stay are untouched. `record` must be valid JSON.
std::string KeepProperties(absl::string_view record, const std::vector<std::string>& names);
std::string DropProperties(absl::string_view record, const std::vector<std::string>& names);
// `member` is "\"key\":value"; it becomes the first.
std::string AddProperty(absl::string_view record, absl::string_view member);

// {"error":{"code":..,"message":..}}
std::string ErrorBody(absl::string_view code, absl::string_view message);

// A gzip file. Quick rather than small.
std::string Gzip(absl::string_view text);
// An honest JSON page of 256 MiB of blanks as a gzip file of about one MiB. Built once.
const std::string& GzipBomb();

}  // namespace penstock::sandbox
