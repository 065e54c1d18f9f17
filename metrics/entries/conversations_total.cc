// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ConversationsTotal() {
  return {
      .name = "conversations_total",
      .title = "Conversations",
      .section = "Conversation metrics, Total Conversations (excluding notifications)",
      .subject = Subject::kConversation,
      .parameters = {"exclude_routes=Notification"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected =
          {.text = "Conversations without notifications; beside them those in which a user did something.",
           .facts = "dialogue",
           .where = "NOT {route_key among exclude_routes}",
           .value = "COUNT(*)",
           .beside = {{"engaged", "SUM(engaged)"}}},
      .guide = {.text = "All conversations: the guide's heading leaves notifications out, its step does not.",
                .facts = "dialogue",
                .value = "COUNT(*)",
                .beside = {{"engaged", "SUM(engaged)"}}},
      .differs = "The guide's step has no filter, so notifications count as conversations.",
      .sample = "corrected 129, guide 143",
  };
}

}  // namespace penstock::metrics
