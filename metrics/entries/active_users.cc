// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ActiveUsers() {
  return {
      .name = "active_users",
      .title = "Active users",
      .section = "Adoption metrics, Active Users, method 1",
      .parameters = {"exclude_routes"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text = "Distinct users who did something: a message, a click, a form, an upload.",
                    .facts = "presence",
                    .rows = "interaction",
                    .where =
                        "active = 1 AND user_id IS NOT NULL AND {conversation_id outside exclude_routes}",
                    .value = "COUNT(DISTINCT user_id)"},
      .guide = {.text = "Distinct user_id of all interactions, the bot's included.",
                .facts = "presence",
                .rows = "interaction",
                .where = "user_id IS NOT NULL",
                .value = "COUNT(DISTINCT user_id)"},
      .differs = "Rows of the bot carry a user too, so by the guide everybody who was notified is active.",
      .sample = "corrected 20, guide 20",
      .notes = {"A click in a notification counts. A user whom the roster lacks counts."},
  };
}

}  // namespace penstock::metrics
