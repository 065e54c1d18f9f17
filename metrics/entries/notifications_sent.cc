// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric NotificationsSent() {
  return {
      .name = "notifications_sent",
      .title = "Notifications sent",
      .section = "Notification metrics, Total notifications sent",
      .subject = Subject::kConversation,
      .reads = {Endpoint::kConversations},
      .corrected = {.text = "Conversations that a notification began.",
                    .facts = "notification",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "notification", .value = "COUNT(*)"},
      .sample = "corrected 14, guide 14",
  };
}

}  // namespace penstock::metrics
