// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CsatScoresAll() {
  return {
      .name = "csat_scores_all",
      .title = "CSAT scores, every click",
      .section = "CSAT metrics, CSAT score distribution",
      .chart = Chart::kBars,
      .breakdown = {"rating",
                    "CASE WHEN rating IS NULL THEN '(unparsed)' ELSE CAST(rating AS varchar(9)) END"},
      .parameters = {"link_days=30", "ratings"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected = {.text = "Clicks on a rating, by rating; other buttons are (unparsed).",
                    .facts = "rating",
                    .value = "COUNT(*)"},
      .guide = {.text = "Clicks on any button of a survey, by its label.",
                .facts = "rating",
                .value = "COUNT(*)",
                .breakdown = "label"},
      .differs = "The guide takes every button for a rating.",
      .sample = "corrected 0, guide 0",
  };
}

}  // namespace penstock::metrics
