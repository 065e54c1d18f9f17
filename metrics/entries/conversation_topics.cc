// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ConversationTopics() {
  return {
      .name = "conversation_topics",
      .title = "Conversation topics",
      .section = "Conversation metrics, Conversation Topics",
      .chart = Chart::kBars,
      .breakdown = {"topic", "entity"},
      .parameters = {"top", "include_none"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text =
                        "Conversations by the topics of their messages. One with two topics counts for both.",
                    .facts = "message",
                    .where = "({include_none} = 'yes' OR entity <> '')",
                    .value = "COUNT(DISTINCT conversation_id)"},
      .guide = {.text = "The same, with messages that have no topic.",
                .facts = "message",
                .value = "COUNT(DISTINCT conversation_id)"},
      .differs = "The guide does not say what a message without a topic is.",
      .sample = "corrected: other_software_operations 13, vpn 12, pto 11 of 33 topics",
  };
}

}  // namespace penstock::metrics
