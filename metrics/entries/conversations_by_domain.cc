// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ConversationsByDomain() {
  return {
      .name = "conversations_by_domain",
      .title = "Conversations by domain",
      .section = "Conversation metrics, Conversations by Domain",
      .chart = Chart::kBars,
      .subject = Subject::kConversation,
      .breakdown = {"domain", "domain"},
      .parameters = {"include_notifications"},
      .reads = {Endpoint::kConversations},
      .corrected = {.text = "Conversations without notifications, by their main domain.",
                    .facts = "dialogue",
                    .where = "({include_notifications} = 'yes' OR route IS NULL OR route <> 'Notification')",
                    .value = "COUNT(*)"},
      .guide = {.text = "All conversations, by their main domain.", .facts = "dialogue", .value = "COUNT(*)"},
      .differs = "The guide counts notifications, most of which have no domain.",
      .sample = "corrected: OTHER 55, IT 47, HR 18; guide: OTHER 55, IT 48, HR 18",
      .notes = {"(none) and UNKNOWN stay apart."},
  };
}

}  // namespace penstock::metrics
