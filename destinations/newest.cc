// SPDX-License-Identifier: Apache-2.0
#include "destinations/newest.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_replace.h"

namespace penstock::destinations {

const std::string& Id(const TypedRow& row) { return std::get<std::string>(row.values.front()); }

std::string ShownId(absl::string_view id) {
  return absl::StrReplaceAll(id, {{absl::string_view("\0", 1), "\\u0000"}});
}

std::map<Endpoint, std::vector<const TypedRow*>> Newest(const std::vector<TypedRow>& rows) {
  std::map<Endpoint, std::vector<const TypedRow*>> tables;
  absl::flat_hash_map<std::pair<Endpoint, absl::string_view>, const TypedRow**> places;
  for (const TypedRow& row : rows) {
    if (!row.erased) tables[row.endpoint].reserve(rows.size());  // places must not move
  }
  for (const TypedRow& row : rows) {
    if (row.erased) continue;
    std::vector<const TypedRow*>& table = tables[row.endpoint];
    const auto [place, first] = places.try_emplace({row.endpoint, Id(row)}, nullptr);
    if (first) {
      table.push_back(&row);
      place->second = &table.back();
    } else if (row.stamp >= (*place->second)->stamp) {
      *place->second = &row;
    }
  }
  return tables;
}

std::map<Endpoint, std::vector<absl::string_view>> ErasedIds(const std::vector<TypedRow>& rows) {
  std::map<Endpoint, std::vector<absl::string_view>> erased;
  for (const TypedRow& row : rows) {
    if (row.erased) erased[row.endpoint].emplace_back(Id(row));
  }
  return erased;
}

}  // namespace penstock::destinations
