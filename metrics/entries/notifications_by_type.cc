// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric NotificationsByType() {
  return {
      .name = "notifications_by_type",
      .title = "Notifications by type",
      .section = "Notification metrics, Breakdown of notifications by their type",
      .chart = Chart::kBars,
      .subject = Subject::kConversation,
      .breakdown = {"type", "coalesce(nullif(type, ''), '(untyped)')"},
      .reads = {Endpoint::kConversations},
      .corrected = {.text = "Notifications by what they were about.",
                    .facts = "notification",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "notification", .value = "COUNT(*)"},
      .sample = "corrected and guide: (untyped) 14",
  };
}

}  // namespace penstock::metrics
