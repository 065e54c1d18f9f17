// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric FeedbackClicks() {
  return {
      .name = "feedback_clicks",
      .title = "Thumbs up and down",
      .section = "Interaction metrics, User Feedback, Clicks",
      .chart = Chart::kBars,
      .breakdown = {"verdict", "verdict"},
      .parameters = {"count"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text = "Clicks of users on a link that is helpful or unhelpful.",
                    .facts = "click",
                    .where = "({count} = 'all' OR from_last = 1)",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same, of rows with the type INTERNAL_LINK.",
                .facts = "click",
                .where = "guide_type = 'internal_link'",
                .value = "COUNT(*)"},
      .differs = "No row has the guide's type: thumbs are LINK_CLICK.",
      .sample = "corrected: helpful 1, unhelpful 1; guide: none",
  };
}

}  // namespace penstock::metrics
