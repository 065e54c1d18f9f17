// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

// The five collections of the Data API. The numbers are stored on disk and sent over the wire: never reuse
// one.
enum class Endpoint : int {
  kConversations = 1,
  kInteractions = 2,
  kPluginCalls = 3,
  kPluginResources = 4,
  kUsers = 5,
};

inline constexpr std::array<Endpoint, 5> kAllEndpoints = {Endpoint::kUsers, Endpoint::kConversations,
                                                          Endpoint::kInteractions, Endpoint::kPluginCalls,
                                                          Endpoint::kPluginResources};

// The last part of the endpoint's URL, which is also its name for people: "plugin-calls".
absl::string_view Name(Endpoint endpoint);

// INVALID_ARGUMENT names the word and lists the five valid ones.
absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view name);
// Comma separated, in the order given, without duplicates. Empty text: all five.
absl::StatusOr<std::vector<Endpoint>> ParseEndpoints(absl::string_view names);

// Whether its records carry a created_time. Users do not: they are one roster, read whole.
constexpr bool HasCreatedTime(Endpoint endpoint) { return endpoint != Endpoint::kUsers; }

}  // namespace penstock
