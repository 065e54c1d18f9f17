// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric CsatSent() {
  return {
      .name = "csat_sent",
      .title = "CSAT surveys sent",
      .section = "CSAT metrics, Total CSAT surveys sent",
      .subject = Subject::kConversation,
      .reads = {Endpoint::kConversations},
      .corrected = {.text = "Surveys sent.", .facts = "survey", .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "survey", .value = "COUNT(*)"},
      .sample = "corrected 0, guide 0",
      .notes = {"The source has surveys since 2026-04-01."},
  };
}

}  // namespace penstock::metrics
