// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric Mttr() {
  return {
      .name = "mttr",
      .title = "Mean time to response (guide: MTTR)",
      .section = "Value metrics, MTTR",
      .unit = Unit::kMilliseconds,
      .parameters = {"response", "link_days"},
      .reads = {Endpoint::kInteractions},
      .corrected =
          {.text = "The mean time from a message to a row of the bot that answers it.",
           .facts = "response",
           .per = "chosen, response_ms",
           .per_values = {{"answers", "COUNT(*)"}},
           .ranks = {{"place", "SUM(answers) OVER (PARTITION BY {cell}, chosen ORDER BY response_ms)"},
                     {"places", "SUM(answers) OVER (PARTITION BY {cell}, chosen)"}},
           .value = "SUM(CASE WHEN chosen = 1 THEN response_ms * answers END)",
           .over = "SUM(chosen * answers)",
           .beside = {{"median_ms", "MIN(CASE WHEN chosen = 1 AND place * 2 >= places THEN response_ms END)"},
                      {"p90_ms",
                       "MIN(CASE WHEN chosen = 1 AND place * 10 >= places * 9 THEN response_ms END)"},
                      {"negative", "SUM(CASE WHEN response_ms < 0 THEN answers ELSE 0 END)"},
                      {"unanswered", "SUM(CASE WHEN response_ms IS NULL THEN answers ELSE 0 END)"}}},
      .guide =
          {.text =
               "The sum of the times of all such pairs, over the messages that were deflected by the guide.",
           .facts = "response",
           .value = "SUM(response_ms)",
           .over = "COUNT(DISTINCT CASE WHEN guide_deflected = 1 THEN id END)"},
      .differs = "The guide divides a sum over pairs by another count, that of resolutions.",
      .sample = "corrected 9.558 s, guide 10.584 s",
  };
}

}  // namespace penstock::metrics
