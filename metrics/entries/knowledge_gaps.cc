// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric KnowledgeGaps() {
  return {
      .name = "knowledge_gaps",
      .title = "Knowledge gaps",
      .section = "Plugin call metrics, Knowledge gaps",
      .subject = Subject::kCall,
      .parameters = {"knowledge_plugins", "answered_elsewhere"},
      .reads = {Endpoint::kPluginCalls, Endpoint::kInteractions},
      .corrected = {.text = "Questions for which no search of the knowledge was served, and which no other "
                            "plugin answered.",
                    .facts = "knowledge_call",
                    .where = "gap = 1",
                    .value = "COUNT(DISTINCT interaction_id)",
                    .beside = {{"calls", "COUNT(*)"}}},
      .guide = {.text = "Calls of the plugin 'Knowledge Base' that were neither served nor used.",
                .facts = "plugin_call",
                .where = "plugin = 'Knowledge Base' AND served = 0 AND used = 0",
                .value = "COUNT(*)",
                .beside = {{"calls", "COUNT(*)"}}},
      .differs = "The plugin is called 'Enterprise Search', and a question is asked of it several times.",
      .sample = "corrected 15, guide 0",
  };
}

}  // namespace penstock::metrics
