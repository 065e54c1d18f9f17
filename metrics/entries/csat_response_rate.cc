// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CsatResponseRate() {
  return {
      .name = "csat_response_rate",
      .title = "CSAT response rate",
      .section = "CSAT metrics, CSAT response rate",
      .unit = Unit::kShare,
      .subject = Subject::kConversation,
      .parameters = {"link_days=30", "ratings"},
      .reads = {Endpoint::kConversations, Endpoint::kInteractions},
      .corrected =
          {.text =
               "Surveys with a rating or a comment, of those sent. A reply belongs to the day of the survey.",
           .facts = "survey_result",
           .value = "SUM(responded)",
           .over = "COUNT(*)",
           .beside = {{"engaged", "SUM(answered)"}}},
      .guide = {.text = "Surveys in which the user did anything, of those sent.",
                .facts = "survey_result",
                .value = "SUM(engaged)",
                .over = "COUNT(*)",
                .beside = {{"engaged", "SUM(engaged)"}}},
      .differs = "A click on a link or on Cancel is no response, but the guide's step counts it.",
      .sample = "corrected 0 / 0, guide 0 / 0",
  };
}

}  // namespace penstock::metrics
