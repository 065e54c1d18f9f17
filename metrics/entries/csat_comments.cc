// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CsatComments() {
  return {
      .name = "csat_comments",
      .title = "CSAT comments",
      .section = "CSAT metrics, CSAT free-text feedback",
      .parameters = {"campaign_only"},
      .reads = {Endpoint::kInteractions, Endpoint::kConversations},
      .corrected = {.text = "Comments in surveys that are not blank.",
                    .facts = "csat_comment",
                    .where = "({campaign_only} = 'no' OR survey_id IS NOT NULL)",
                    .value = "COUNT(*)",
                    .beside = {{"surveys", "COUNT(DISTINCT survey_id)"}}},
      .guide = {.text = "Comments, in surveys or not.",
                .facts = "csat_comment",
                .value = "COUNT(*)",
                .beside = {{"surveys", "COUNT(DISTINCT survey_id)"}}},
      .differs =
          "The guide makes the join with surveys optional; the source has comments since 2025-11-25, surveys "
          "since "
          "2026-04-01.",
      .sample = "corrected 0, guide 0",
  };
}

}  // namespace penstock::metrics
