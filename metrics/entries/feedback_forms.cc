// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric FeedbackForms() {
  return {
      .name = "feedback_forms",
      .title = "Feedback forms",
      .section = "Interaction metrics, User Feedback, Feedback form submissions",
      .chart = Chart::kBars,
      .breakdown = {"verdict", "coalesce(verdict, '(unspecified)')"},
      .parameters = {"feedback_labels"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text = "Submitted feedback forms; beside them those with a comment.",
                    .facts = "form",
                    .where = "feedback = 1",
                    .value = "COUNT(*)",
                    .beside = {{"with_text", "SUM(with_text)"}}},
      .guide = {.text = "The same.",
                .facts = "form",
                .where = "feedback = 1",
                .value = "COUNT(*)",
                .beside = {{"with_text", "SUM(with_text)"}}},
      .sample = "corrected 0, guide 0",
  };
}

}  // namespace penstock::metrics
