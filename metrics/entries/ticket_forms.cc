// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric TicketForms() {
  return {
      .name = "ticket_forms",
      .title = "Ticket forms",
      .section = "Interaction metrics, Create Ticket interaction, Interactions table",
      .chart = Chart::kBars,
      .breakdown = {"kind",
                    "CASE WHEN it_ticket = 1 OR guide_ticket = 1 THEN 'it_ticket' ELSE 'form_request' END"},
      .parameters = {"labels", "ticket_forms", "number_labels"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text =
                        "Submitted forms that file a ticket: by name, or because they carry a ticket number.",
                    .facts = "form",
                    .where = "it_ticket = 1 OR request = 1",
                    .value = "COUNT(DISTINCT CASE WHEN it_ticket = 1 THEN id END) + COUNT(DISTINCT CASE WHEN "
                             "request = 1 THEN "
                             "coalesce(nullif(subject, ''), 'row ' || id) END)"},
      .guide = {.text = "Forms whose name is the configured one letter by letter.",
                .facts = "form",
                .where = "guide_ticket = 1",
                .value = "COUNT(*)"},
      .differs =
          "The form is called 'File an IT Ticket', and forms that carry a ticket number have another label.",
      .sample = "corrected: it_ticket 1, form_request 7; guide: none",
  };
}

}  // namespace penstock::metrics
