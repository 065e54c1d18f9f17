// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "destinations/destination.h"

namespace penstock::destinations {

const std::string& Id(const TypedRow& row);
// For the bookkeeping of systems without U+0000: it reads \u0000.
std::string ShownId(absl::string_view id);

// By table, as if one row after the other were put: of an id the latest stamp stays, of equal stamps the later one.
// Without those that were erased.
// `rows` must outlive it.
std::map<Endpoint, std::vector<const TypedRow*>> Newest(const std::vector<TypedRow>& rows);

// The ids that were erased, by table. `rows` must outlive it.
std::map<Endpoint, std::vector<absl::string_view>> ErasedIds(const std::vector<TypedRow>& rows);

}  // namespace penstock::destinations
