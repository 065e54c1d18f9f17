// SPDX-License-Identifier: Apache-2.0
#include "worker/field_census.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "worker/json_token.h"

namespace penstock::worker {
namespace {

constexpr size_t kFieldsMax = 256;

}  // namespace

v1::JsonType FieldCensus::TypeOf(char first) {
  switch (first) {
    case '"':
      return v1::JSON_STRING;
    case '{':
      return v1::JSON_OBJECT;
    case '[':
      return v1::JSON_ARRAY;
    case 't':
    case 'f':
      return v1::JSON_BOOLEAN;
    case 'n':
      return v1::JSON_NULL;
    default:
      return v1::JSON_NUMBER;
  }
}

size_t FieldCensus::Find(absl::string_view raw_key) {
  if (const auto found = places_.find(raw_key); found != places_.end()) return found->second;
  if (seen_.size() >= kFieldsMax) return seen_.size();
  places_[raw_key] = seen_.size();
  seen_.push_back({raw_key});
  return seen_.size() - 1;
}

std::vector<PageField> FieldCensus::Take() const {
  std::vector<PageField> fields;
  std::map<std::string, size_t> places;  // one name may be spelled in several ways
  for (const Seen& seen : seen_) {
    const std::string name =
        DecodeString(absl::StrCat("\"", seen.raw_key, "\"")).value_or(std::string(seen.raw_key));
    const auto [place, fresh] = places.try_emplace(name, fields.size());
    if (fresh) fields.push_back({name});
    fields[place->second].types |= seen.types;
  }
  return fields;
}

}  // namespace penstock::worker
