// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"

namespace penstock::metrics {

// Records as the source writes them, by endpoint.
using RawRecords = std::map<Endpoint, std::vector<std::string>>;

using Text = std::optional<std::string>;
using Ms = std::optional<int64_t>;

// The same as plain values, for computations that share nothing with the product: read by another JSON parser's other
// interface, held in plain structs, names as in the source.
struct PlainConversation {
  std::string id;
  Text user_id, route, primary_domain, type;
  Ms created;
};
struct PlainInteraction {
  std::string id;
  Text conversation_id, user_id, actor, platform, type, label, parent;
  Text content, entity, detail, resource_id;
  Ms created, updated;
};
struct PlainCall {
  std::string id;
  Text conversation_id, interaction_id, user_id, plugin;
  bool served = false, used = false;
  Ms created, plugin_updated, updated;
};
struct PlainResource {
  std::string id;
  Text plugin_call_id, type, resource_id;
};
struct PlainUser {
  std::string id;
  Text language;
  bool access = false;
  Ms first, latest;
};

struct PlainRecords {
  std::vector<PlainConversation> conversations;
  std::vector<PlainInteraction> interactions;
  std::vector<PlainCall> calls;
  std::vector<PlainResource> resources;
  std::vector<PlainUser> users;
};

PlainRecords ReadPlain(const RawRecords& raw);

// The `value` of each file NAME.json of a folder, as the vendor publishes its samples.
RawRecords ReadFolder(const std::string& folder);

}  // namespace penstock::metrics
