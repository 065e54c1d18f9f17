// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ConversationsByRoute() {
  return {
      .name = "conversations_by_route",
      .title = "Conversations by route",
      .section = "Conversation metrics, Conversations by Route",
      .chart = Chart::kBars,
      .subject = Subject::kConversation,
      .breakdown = {"route", "route"},
      .reads = {Endpoint::kConversations},
      .corrected = {.text = "Conversations by where they began. A notification is a route too.",
                    .facts = "dialogue",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "dialogue", .value = "COUNT(*)"},
      .sample = "corrected and guide: DM 129, Notification 14",
  };
}

}  // namespace penstock::metrics
