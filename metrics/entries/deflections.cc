// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric Deflections() {
  return {
      .name = "deflections",
      .title = "Deflections",
      .section = "Value metrics, Deflections / Resolutions",
      .unit = Unit::kShare,
      .parameters = {"labels", "ticket_forms", "agent_forms", "number_labels", "feedback_labels", "clicks",
                     "exclude_topics", "link_days", "attribution"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text = "Messages after which no ticket was filed, no live agent asked for and no "
                            "negative feedback given.",
                    .facts = "free_text",
                    .where = "NOT {entity among exclude_topics}",
                    .value = "SUM(deflected)",
                    .over = "COUNT(*)",
                    .beside = {{"ticket", "SUM(ticket)"},
                               {"agent", "SUM(agent)"},
                               {"negative", "SUM(negative)"}},
                    .unattributed = "unattributed_signal"},
      .guide = {.text = "The same, where a form's parent is the message itself.",
                .facts = "free_text",
                .value = "SUM(guide_deflected)",
                .over = "COUNT(*)"},
      .differs =
          "A form's parent is the bot's answer, never the message: by the guide everything is deflected.",
      .sample = "corrected 169 / 177, guide 177 / 177",
      .notes = {"The three columns overlap; a message is taken off once."},
  };
}

}  // namespace penstock::metrics
