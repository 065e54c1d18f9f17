// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric TicketsCreated() {
  return {
      .name = "tickets_created",
      .title = "Tickets created by the bot",
      .section = "Interaction metrics, Create Ticket interaction, Plugin calls table",
      .subject = Subject::kCall,
      .parameters = {"ticket_plugins"},
      .reads = {Endpoint::kPluginCalls},
      .corrected = {.text = "Calls that created a ticket: served and used.",
                    .facts = "plugin_call",
                    .where = "plugin_key IN {ticket_plugins}",
                    .value = "SUM(ok)",
                    .beside = {{"attempts", "COUNT(*)"},
                               {"conversations",
                                "COUNT(DISTINCT CASE WHEN ok = 1 THEN conversation_id END)"}}},
      .guide = {.text = "The same.",
                .facts = "plugin_call",
                .where = "plugin_key IN {ticket_plugins}",
                .value = "SUM(ok)",
                .beside = {{"attempts", "COUNT(*)"},
                           {"conversations", "COUNT(DISTINCT CASE WHEN ok = 1 THEN conversation_id END)"}}},
      .sample = "corrected 1 of 1, guide 1 of 1",
      .notes = {"Smart Handoff is an offer, not a ticket."},
  };
}

}  // namespace penstock::metrics
