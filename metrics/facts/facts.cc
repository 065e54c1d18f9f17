// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

#include <iterator>

namespace penstock::metrics {

std::vector<Relation> FactViews() {
  std::vector<Relation> all;
  for (const auto& part :
       {ActionFacts(), AttributionFacts(), MessageFacts(), ConversationFacts(), PluginFacts(), UserFacts()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace penstock::metrics
