// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ActiveUsersRoster() {
  return {
      .name = "active_users_roster",
      .title = "Active users by the roster",
      .section = "Adoption metrics, Active Users, method 2",
      .subject = Subject::kUser,
      .reads = {Endpoint::kUsers},
      .corrected = {.text = "Users whose latest interaction lies in the frame.",
                    .facts = "returner",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "returner", .value = "COUNT(*)"},
      .sample = "corrected 0, guide 0",
      .notes = {"latest_interaction_time moves on: only a frame that ends now is counted right, and only as "
                "far as the roster "
                "is up to date."},
  };
}

}  // namespace penstock::metrics
