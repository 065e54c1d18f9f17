// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric NotificationTypesEngaged() {
  return {
      .name = "notification_types_engaged",
      .title = "Notification types by engagement",
      .section = "Notification metrics, Top engaged notification types",
      .unit = Unit::kShare,
      .chart = Chart::kBars,
      .subject = Subject::kConversation,
      .breakdown = {"type", "coalesce(nullif(type, ''), '(untyped)')"},
      .parameters = {"link_days=30", "top=10", "order", "min_sent"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected = {.text = "Of each type the notifications in which the user did something, of those sent.",
                    .facts = "notification",
                    .value = "SUM(answered)",
                    .over = "COUNT(*)",
                    .unattributed = "homeless_action"},
      .guide = {.text = "The same, without a limit of time.",
                .facts = "notification",
                .value = "SUM(engaged)",
                .over = "COUNT(*)"},
      .differs = "The guide has no limit of time, so that an old period goes on changing.",
      .sample = "corrected and guide: (untyped) 14 / 14",
      .notes = {"A type of which fewer than min_sent were sent shows no rate."},
  };
}

}  // namespace penstock::metrics
