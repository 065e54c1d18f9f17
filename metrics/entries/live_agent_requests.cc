// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric LiveAgentRequests() {
  return {
      .name = "live_agent_requests",
      .title = "Live agent requests",
      .section = "Interaction metrics, Live agent transfers, Interactions table",
      .parameters = {"labels", "agent_forms"},
      .reads = {Endpoint::kInteractions},
      .corrected = {.text = "Submitted forms that ask for a live agent.",
                    .facts = "form",
                    .where = "agent = 1",
                    .value = "COUNT(*)",
                    .beside = {{"conversations", "COUNT(DISTINCT conversation_id)"}}},
      .guide = {.text = "The same, the form's name compared letter by letter.",
                .facts = "form",
                .where = "guide_agent = 1",
                .value = "COUNT(*)",
                .beside = {{"conversations", "COUNT(DISTINCT conversation_id)"}}},
      .differs = "The form is called 'Live agent chat request', the guide writes 'Live Agent chat request'.",
      .sample = "corrected 1, guide 0",
  };
}

}  // namespace penstock::metrics
