// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric UserRetention() {
  return {
      .name = "user_retention",
      .title = "User retention",
      .section = "Adoption metrics, User Retention Over Time",
      .unit = Unit::kShare,
      .parameters = {"unit", "min"},
      .reads = {Endpoint::kInteractions},
      .corrected =
          {.text = "Active users who came back: with at least `min` different days, of all active users.",
           .facts = "presence",
           .rows = "interaction",
           .where = "active = 1 AND user_id IS NOT NULL",
           .per = "user_id",
           .per_values = {{"units",
                           "COUNT(DISTINCT CASE {unit} WHEN 'day' THEN local_day ELSE local_week END)"},
                          {"actions", "SUM(actions)"}},
           .value = "SUM(CASE WHEN CASE {unit} WHEN 'interaction' THEN actions ELSE units END >= {min} "
                    "THEN 1 ELSE 0 END)",
           .over = "COUNT(*)"},
      .guide = {.text = "Users with more than one interaction of any kind, the bot's answers included.",
                .facts = "presence",
                .rows = "interaction",
                .where = "user_id IS NOT NULL",
                .per = "user_id",
                .per_values = {{"actions", "SUM(happened)"}},
                .value = "SUM(CASE WHEN actions > 1 THEN 1 ELSE 0 END)",
                .over = "COUNT(*)"},
      .differs =
          "One question and its answer are two rows already, so by the guide nearly everybody comes back.",
      .sample = "corrected 1 / 20, guide 20 / 20",
      .notes = {"Days are those of the time zone."},
  };
}

}  // namespace penstock::metrics
