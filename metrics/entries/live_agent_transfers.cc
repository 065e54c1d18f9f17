// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric LiveAgentTransfers() {
  return {
      .name = "live_agent_transfers",
      .title = "Live agent transfers",
      .section = "Interaction metrics, Live agent transfers, Plugin calls table",
      .subject = Subject::kCall,
      .parameters = {"agent_plugins"},
      .reads = {Endpoint::kPluginCalls},
      .corrected = {.text = "Calls that connected with a live agent: served and used.",
                    .facts = "plugin_call",
                    .where = "plugin_key IN {agent_plugins}",
                    .value = "SUM(ok)",
                    .beside = {{"attempts", "COUNT(*)"},
                               {"conversations",
                                "COUNT(DISTINCT CASE WHEN ok = 1 THEN conversation_id END)"}}},
      .guide = {.text = "The same.",
                .facts = "plugin_call",
                .where = "plugin_key IN {agent_plugins}",
                .value = "SUM(ok)",
                .beside = {{"attempts", "COUNT(*)"},
                           {"conversations", "COUNT(DISTINCT CASE WHEN ok = 1 THEN conversation_id END)"}}},
      .sample = "corrected 1 of 1, guide 1 of 1",
  };
}

}  // namespace penstock::metrics
