// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric AdoptionOverTime() {
  return {
      .name = "adoption_over_time",
      .title = "Adoption over time",
      .section = "Adoption metrics, User Adoption Over Time",
      .unit = Unit::kShare,
      .subject = Subject::kUser,
      .by = "week",
      .reads = {Endpoint::kInteractions, Endpoint::kUsers},
      .corrected = {.text = "Active users with access to the bot, of all users with access.",
                    .facts = "adoption",
                    .per = "user_id",
                    .per_values = {{"active", "MAX(active)"}, {"entitled", "MAX(entitled)"}},
                    .value = "SUM(active * entitled)",
                    .over = "SUM(entitled)",
                    .beside = {{"active", "SUM(active)"},
                               {"without_access", "SUM(active * (1 - entitled))"}}},
      .guide = {.text = "Users with any interaction, over all users with access.",
                .facts = "adoption",
                .per = "user_id",
                .per_values = {{"active", "MAX(1 - entitled)"}, {"entitled", "MAX(entitled)"}},
                .value = "SUM(active)",
                .over = "SUM(entitled)",
                .beside = {{"active", "SUM(active)"}, {"without_access", "SUM(active * (1 - entitled))"}}},
      .differs =
          "The guide counts rows of the bot, and users without access above the line but not below it.",
      .sample = "corrected 20 / 20, guide 20 / 20",
      .notes = {"The baseline is today's roster under every period: nobody kept an older one."},
      .own_period = true,
  };
}

}  // namespace penstock::metrics
