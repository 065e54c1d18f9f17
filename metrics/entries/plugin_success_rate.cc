// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric PluginSuccessRate() {
  return {
      .name = "plugin_success_rate",
      .title = "Plugin success rate",
      .section = "Plugin call metrics, Plugin success rate",
      .unit = Unit::kShare,
      .subject = Subject::kCall,
      .parameters = {"plugins", "missing", "clicks", "link_days", "attribution", "feedback_labels"},
      .reads = {Endpoint::kPluginCalls, Endpoint::kInteractions},
      .corrected =
          {.text = "Calls that were served and used whose last verdict is helpful, of those with a verdict.",
           .facts = "rated_call",
           .value = "COUNT(CASE WHEN verdict = 'helpful' THEN 1 END)",
           .over = "COUNT(CASE WHEN verdict IS NOT NULL OR {missing} = 'neutral' THEN 1 END)",
           .beside = {{"helpful", "COUNT(CASE WHEN verdict = 'helpful' THEN 1 END)"},
                      {"unhelpful", "COUNT(CASE WHEN verdict = 'unhelpful' THEN 1 END)"},
                      {"without", "COUNT(CASE WHEN verdict IS NULL THEN 1 END)"}},
           .unattributed = "unattributed_verdict"},
      .guide = {.text = "The same by feedback forms alone, whose parent is the interaction of the call.",
                .facts = "rated_call",
                .value = "COUNT(CASE WHEN guide_verdict = 'helpful' THEN 1 END)",
                .over = "COUNT(CASE WHEN guide_verdict IS NOT NULL OR {missing} = 'neutral' THEN 1 END)",
                .beside = {{"helpful", "COUNT(CASE WHEN guide_verdict = 'helpful' THEN 1 END)"},
                           {"unhelpful", "COUNT(CASE WHEN guide_verdict = 'unhelpful' THEN 1 END)"},
                           {"without", "COUNT(CASE WHEN guide_verdict IS NULL THEN 1 END)"}}},
      .differs =
          "A call's interaction is a message and a form's parent is the bot's answer to it: the guide's "
          "match is never.",
      .sample = "corrected 1 of 2 with a verdict (of 210 calls), guide none with a verdict",
      .shared_out = true,
  };
}

}  // namespace penstock::metrics
