// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace penstock {

absl::string_view Name(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kConversations:
      return "conversations";
    case Endpoint::kInteractions:
      return "interactions";
    case Endpoint::kPluginCalls:
      return "plugin-calls";
    case Endpoint::kPluginResources:
      return "plugin-resources";
    case Endpoint::kUsers:
      return "users";
  }
  return "unknown";
}

absl::StatusOr<Endpoint> ParseEndpoint(absl::string_view name) {
  for (Endpoint endpoint : kAllEndpoints) {
    if (Name(endpoint) == name) return endpoint;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown endpoint '", name,
      "'; the endpoints are conversations, interactions, plugin-calls, plugin-resources, users"));
}

absl::StatusOr<std::vector<Endpoint>> ParseEndpoints(absl::string_view names) {
  if (names.empty()) return std::vector<Endpoint>(kAllEndpoints.begin(), kAllEndpoints.end());
  std::vector<Endpoint> endpoints;
  for (absl::string_view name : absl::StrSplit(names, ',')) {
    ASSIGN_OR_RETURN(Endpoint endpoint, ParseEndpoint(name));
    if (std::find(endpoints.begin(), endpoints.end(), endpoint) == endpoints.end()) {
      endpoints.push_back(endpoint);
    }
  }
  return endpoints;
}

}  // namespace penstock
