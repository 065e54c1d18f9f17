// SPDX-License-Identifier: Apache-2.0
#include "destinations/adoption.h"

#include <string>
#include <utility>

namespace penstock::destinations {

FoundTable Named(const Table& table) {
  FoundTable found;
  found.endpoint = table.endpoint;
  found.name = table.name;
  return found;
}

FoundTable Refused(FoundTable found, const absl::Status& status) {
  found.exists = true;
  found.refusal = std::string(status.message());
  return found;
}

Work WorkOn(const FoundTable& found, const AdoptOptions& options) {
  if (!found.exists || !found.refusal.empty()) return {};
  Work work;
  work.remove = options.remove_duplicates && found.surplus > 0;
  work.add_key = options.add_key && !found.unique_key && (found.surplus == 0 || work.remove);
  return work;
}

}  // namespace penstock::destinations
