// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric NotificationsEngaged() {
  return {
      .name = "notifications_engaged",
      .title = "Notifications engaged with",
      .section = "Notification metrics, Total engaged notifications",
      .unit = Unit::kShare,
      .subject = Subject::kConversation,
      .parameters = {"link_days=30"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected = {.text = "Notifications in which the user did something within link_days, of all sent.",
                    .facts = "notification",
                    .value = "SUM(answered)",
                    .over = "COUNT(*)",
                    .unattributed = "homeless_action"},
      .guide = {.text = "Notifications in which the user ever did something, of all sent.",
                .facts = "notification",
                .value = "SUM(engaged)",
                .over = "COUNT(*)"},
      .differs = "The guide has no limit of time, so that an old period goes on changing.",
      .sample = "corrected 14 / 14, guide 14 / 14",
      .notes = {"Before 2026-04-01 the source has engaged notifications only: always 100 %."},
  };
}

}  // namespace penstock::metrics
