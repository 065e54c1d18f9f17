// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CsatScoresFinal() {
  return {
      .name = "csat_scores_final",
      .title = "CSAT scores, the last of each survey",
      .section = "CSAT metrics, CSAT score distribution, final rating",
      .unit = Unit::kMean,
      .chart = Chart::kBars,
      .parameters = {"link_days=30", "ratings"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected = {.text = "The mean of the last rating of each survey, with how many gave each.",
                    .facts = "rating",
                    .where = "from_last = 1 AND rating IS NOT NULL",
                    .value = "SUM(rating)",
                    .over = "COUNT(*)",
                    .beside = {{"rated_1", "SUM(CASE rating WHEN 1 THEN 1 ELSE 0 END)"},
                               {"rated_2", "SUM(CASE rating WHEN 2 THEN 1 ELSE 0 END)"},
                               {"rated_3", "SUM(CASE rating WHEN 3 THEN 1 ELSE 0 END)"},
                               {"rated_4", "SUM(CASE rating WHEN 4 THEN 1 ELSE 0 END)"},
                               {"rated_5", "SUM(CASE rating WHEN 5 THEN 1 ELSE 0 END)"}}},
      .guide = {.text = "The same of the last click of each survey, whatever button it was.",
                .facts = "rating",
                .where = "guide_from_last = 1",
                .value = "SUM(rating)",
                .over = "COUNT(rating)",
                .beside = {{"rated_1", "SUM(CASE rating WHEN 1 THEN 1 ELSE 0 END)"},
                           {"rated_2", "SUM(CASE rating WHEN 2 THEN 1 ELSE 0 END)"},
                           {"rated_3", "SUM(CASE rating WHEN 3 THEN 1 ELSE 0 END)"},
                           {"rated_4", "SUM(CASE rating WHEN 4 THEN 1 ELSE 0 END)"},
                           {"rated_5", "SUM(CASE rating WHEN 5 THEN 1 ELSE 0 END)"}}},
      .differs = "By the guide a later click on Cancel erases a rating.",
      .sample = "corrected 0 rated, guide 0 rated",
  };
}

}  // namespace penstock::metrics
